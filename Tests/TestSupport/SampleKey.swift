/// An RSA key that was made for the tests and is used nowhere else.
package enum SampleKey {
    /// PKCS#1, as GitHub gives it.
    package static let pkcs1 = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEpAIBAAKCAQEA90bIJrAzILoqimAdOUZac9GYmscHf0HtptOMawr/g1DU2w+P
        hNgnYUuMLNHE9LiTmBCAIqda7nbaLdbx3Pz3D+aARINodfTBqLSxyvut3ZQ+8RNs
        pN7ShOvQGtJcdFE/czb62MBLryGjQ+3Fv1ii+B1/sXGnM1gymHOfuomQDvolQyhf
        NIzczjR3yQmcCrPJ92yKZYxPxJ0FVs99OHGk/Y4l7UsVFreZ4vL3PVRWRR7/RJnr
        qe9/Yo0fbOoiVZOxazwwzzVBCvAOM41nshc/x9JB2KBVmSnxw0LsolttaNjVRuE5
        Nm58qlKv0hBl4Alx89ukZcODY6mHSBg777HXUQIDAQABAoIBAA9YB7jJhjf+//9w
        0goTy4O++xvfmHTVFSIc+Rb1/7+Y7HG2GCRuJUNsT1kYoILEUU7w9y0vT/0sHYMV
        VhIYawbu5AFcW3G2Vliu8w6yv1SDNm9PJ+wIckJn6j8/08IuqHlFwsW1vlHdDHx9
        QfVgUqctbWxdWRAJO6/UvOdI/J9xLFR3H+lY2bE1F0ndi90fjXnD6VkZHzJhiKmp
        Aypbw+Nltg6mQdT32/P/zame6HMXYJHDf5Ua/7JnPuVvLKIC46dguGf/f0GJhQQB
        eJkrKN/OlNnj/Nz/6El1eOxx+B8eTxBBs0w6rkC1Lcopb7bxcZUBtxKEs5erJwRU
        asXt2eECgYEA/wg7u+ZE8GAuolcSBvN+iBFkDB0bi0YsBDgjW2Qg/UKOrteo2Rml
        3E5OxMe2mqMUrXTAXhhcvSMPP7lXDutGhl0WIZUkL07myLzJ1zpFKrBM/7u203UE
        LKlKQUfDuUgaC7T6LIuPta8pWOoBiSUDwJy7BLlTPX1QVullQPIV4zcCgYEA+DcD
        hz3zIFbu+O5jqj3wRIBinFoUQNUECKQFzlqtbd5RSyoCj41Ufo4Goaq18Y+V7IPi
        iH6cBmYADunq6LOwsYsafXiwFomgccTrDzXyhTWac8W8QyDTWWlYtU4n84ONC3b+
        1LrG85a6Tg0JtUHqdwT/99+8mrv04tjb/zUibbcCgYEA9+E1xg0rhoPF7+43TGBQ
        5Moadxe3lOgwki1KWGL7GY4ehtyAdftS1c2bC/KdjrHhwDJRY2PEh+VSxfpMHukZ
        VDGX+C4wzHahJA0zFanCXpqbTJlUOzVqSEqHLOom16i4ABb4bmF73fiRdKWFtpou
        ioEL2ayTtpldhAw4aSajlYMCgYEAndUVmETLOZAt6vpjQ5iZFGXyzmr1H/iT1Q6/
        ZmUAjLFmTf5LnI6I4ORc0SYlBZKBCeEfBh5EBkmL1e/mYMwKGgtS79/zUJF5BX7q
        3UQ3j37zVJSyzpir69nx/2/QNac748Np7UlLQw9gLktaFfjxJ3d1cF/DpTzJTgoJ
        cjGOT+cCgYB4W6BSAkSBUbKHmkuZwPuG4F5ymkfN5v6AD/LYPidj9XK4PEZdivUW
        mwZ7CNdMbXXzjSVzWj4EdvBaE2mu74rXhUbXN0km+Was0tZM0v4U+oxuP27alzug
        /5n3hMUF6qc5IAoZCzhF2FEF3S+JObKvL/kMarD61ZsgaogDaqe7yQ==
        -----END RSA PRIVATE KEY-----
        """

    /// The same key in PKCS#8.
    package static let pkcs8 = """
        -----BEGIN PRIVATE KEY-----
        MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQD3RsgmsDMguiqK
        YB05Rlpz0Ziaxwd/Qe2m04xrCv+DUNTbD4+E2CdhS4ws0cT0uJOYEIAip1rudtot
        1vHc/PcP5oBEg2h19MGotLHK+63dlD7xE2yk3tKE69Aa0lx0UT9zNvrYwEuvIaND
        7cW/WKL4HX+xcaczWDKYc5+6iZAO+iVDKF80jNzONHfJCZwKs8n3bIpljE/EnQVW
        z304caT9jiXtSxUWt5ni8vc9VFZFHv9Emeup739ijR9s6iJVk7FrPDDPNUEK8A4z
        jWeyFz/H0kHYoFWZKfHDQuyiW21o2NVG4Tk2bnyqUq/SEGXgCXHz26Rlw4NjqYdI
        GDvvsddRAgMBAAECggEAD1gHuMmGN/7//3DSChPLg777G9+YdNUVIhz5FvX/v5js
        cbYYJG4lQ2xPWRiggsRRTvD3LS9P/SwdgxVWEhhrBu7kAVxbcbZWWK7zDrK/VIM2
        b08n7AhyQmfqPz/Twi6oeUXCxbW+Ud0MfH1B9WBSpy1tbF1ZEAk7r9S850j8n3Es
        VHcf6VjZsTUXSd2L3R+NecPpWRkfMmGIqakDKlvD42W2DqZB1Pfb8//NqZ7ocxdg
        kcN/lRr/smc+5W8sogLjp2C4Z/9/QYmFBAF4mSso386U2eP83P/oSXV47HH4Hx5P
        EEGzTDquQLUtyilvtvFxlQG3EoSzl6snBFRqxe3Z4QKBgQD/CDu75kTwYC6iVxIG
        836IEWQMHRuLRiwEOCNbZCD9Qo6u16jZGaXcTk7Ex7aaoxStdMBeGFy9Iw8/uVcO
        60aGXRYhlSQvTubIvMnXOkUqsEz/u7bTdQQsqUpBR8O5SBoLtPosi4+1rylY6gGJ
        JQPAnLsEuVM9fVBW6WVA8hXjNwKBgQD4NwOHPfMgVu747mOqPfBEgGKcWhRA1QQI
        pAXOWq1t3lFLKgKPjVR+jgahqrXxj5Xsg+KIfpwGZgAO6eros7Cxixp9eLAWiaBx
        xOsPNfKFNZpzxbxDINNZaVi1Tifzg40Ldv7UusbzlrpODQm1Qep3BP/337yau/Ti
        2Nv/NSJttwKBgQD34TXGDSuGg8Xv7jdMYFDkyhp3F7eU6DCSLUpYYvsZjh6G3IB1
        +1LVzZsL8p2OseHAMlFjY8SH5VLF+kwe6RlUMZf4LjDMdqEkDTMVqcJemptMmVQ7
        NWpISocs6ibXqLgAFvhuYXvd+JF0pYW2mi6KgQvZrJO2mV2EDDhpJqOVgwKBgQCd
        1RWYRMs5kC3q+mNDmJkUZfLOavUf+JPVDr9mZQCMsWZN/kucjojg5FzRJiUFkoEJ
        4R8GHkQGSYvV7+ZgzAoaC1Lv3/NQkXkFfurdRDePfvNUlLLOmKvr2fH/b9A1pzvj
        w2ntSUtDD2AuS1oV+PEnd3VwX8OlPMlOCglyMY5P5wKBgHhboFICRIFRsoeaS5nA
        +4bgXnKaR83m/oAP8tg+J2P1crg8Rl2K9RabBnsI10xtdfONJXNaPgR28FoTaa7v
        iteFRtc3SSb5ZqzS1kzS/hT6jG4/btqXO6D/mfeExQXqpzkgChkLOEXYUQXdL4k5
        sq8v+QxqsPrVmyBqiANqp7vJ
        -----END PRIVATE KEY-----
        """

    /// Its public half.
    package static let publicHalf = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA90bIJrAzILoqimAdOUZa
        c9GYmscHf0HtptOMawr/g1DU2w+PhNgnYUuMLNHE9LiTmBCAIqda7nbaLdbx3Pz3
        D+aARINodfTBqLSxyvut3ZQ+8RNspN7ShOvQGtJcdFE/czb62MBLryGjQ+3Fv1ii
        +B1/sXGnM1gymHOfuomQDvolQyhfNIzczjR3yQmcCrPJ92yKZYxPxJ0FVs99OHGk
        /Y4l7UsVFreZ4vL3PVRWRR7/RJnrqe9/Yo0fbOoiVZOxazwwzzVBCvAOM41nshc/
        x9JB2KBVmSnxw0LsolttaNjVRuE5Nm58qlKv0hBl4Alx89ukZcODY6mHSBg777HX
        UQIDAQAB
        -----END PUBLIC KEY-----
        """

    /// Another key.
    package static let other = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEowIBAAKCAQEA1Q63Z78iLXFonE+wXGvk3hlq5xdD7yujMleNzBMDGF3eRI2E
        uE1A24xVYLGrEUTL0EH69F2o47ZqpcWdJEasYdtZW2smhSRG30y/0KhNps8hRWd1
        C0ndrEqPC/GEbA835S4XU+nNNydoWEaIVJGNgPsjVmWMleypM9N80dE3v0fpPajx
        uR1QduNgUoflrrFIMwesL28FIPmM3Q4txM7G+6ziovY2nGVeMnyOEyzERJPaAIXh
        HdyGbrdXfvc347qc/06FjJK5UT7RBBLgiznqJVESYpbmKNbvbfyRF2fque5p2AnT
        iaWRl80pPIjrEr7EnHLjILPEPJ9Y4pxjLeYIGQIDAQABAoIBAA2LH/GCXuPQn7u/
        /RAC88uChh8mhXUAqyEaG7NrSfkUjnqBHHyyvHq4Uv0QjjVM0D/u0csS4ReIkwLy
        quiRbYfS77019H7mLXMoZ9EVwcnmxNCqoPAUw/idzLYPpkFQPlddNLJq3FazNJjX
        8vadQgd+72Iglm05XBAlU3vq9sY76EEaM2iAqwcxQY82WEDvZqc1Pv/52uD0cC4Z
        bciexEzuKPMeA59IRWrIckjHrYQlqz6DGSIics36YrFNP2d9K898HBp+IDvvUnqb
        VNU2ANc8GA+nilz/ETWjcfPomjOaaNd3Wq1sdGPLEqFQq0FX11kSaotzIlPvmMbU
        7IgP1mECgYEA+PEg4K/urAKhYOpdzaRnZzFHRovyIxt1BbNQCm+wYvMz/R96Kx5b
        5CB1h/cSkGcrcpwhye+WYl/owttXy0Tep1fC6IWaRnkl2Xbv4OM2vULXqLo6z8Cy
        VDk8Sjh6acnSTxQsaMOmzfh1QIJ1wu2IrMCzAR21r92vEf00z9RcrxUCgYEA2xkh
        qOWJXwY+wY9AnguJ71lDJkUr1ukrepghcrkAl6tormBGqTdA3JI4XSuXDOqbsMCL
        cLLojnZ2DTkSibPW9rhjNGcQXo/cGzJTVSlAYE21TuGIVI+g99Q8D9n6R0kNNNPU
        b8O2oi2xuQSYWFI/g5XViWjF7Zd6IGb1kFbu1fUCgYAgTWmuviWCPHUkVkUFwieI
        xGQzS0WIOK/epX3lXMjOjjBY0BTSM4ZI+81Eb1MBWeHRZWEdCvHAoiFZ54xk2/Lo
        VAL+mReDvYSjy0MlM1aPCHVjd4baHm8Fbsfb+agowf+AM2Xv0jN61pqgXE1bleb+
        Q6L2qhxBTcrB0tFfhnbgYQKBgH3hxJsbtn+oQOpI+iFUE9429QPJ/lQuB9MaES2u
        6Y4655w4qKCUpGmWgVfWsaS0Ltuw5OzNfhxMJ6uVPPdtIncCncz/4kHSee4OTh7B
        4sDyJNe7cO7UzvFVOWUKImhOqo3Nn2LPmeE4S8I3x6gHKYLa1aNrVT0bKQnw3eoe
        aH75AoGBANvO+fArM6x+uBXSHRtBlYuk3wwTLIb+sNSZ+BiWmOh5WD1JFDP+AvTx
        yMVe6odLQDHREOrrnBEZmGLnCVXSI7/l59RDnZAhofWFFyN1Ixj8mzSkxyh4iiRx
        uibqNY1Ik1+7raQLY2c6AOfd/aKXkqeotmGeKXfijnrClIjV8Sfw
        -----END RSA PRIVATE KEY-----
        """

    /// A key whose modulus is 61 times 53: too short to sign anything.
    package static let tiny = """
        -----BEGIN RSA PRIVATE KEY-----
        MB0CAQACAgyhAgERAgIKwQIBPQIBNQIBNQIBMQIBJg==
        -----END RSA PRIVATE KEY-----
        """
}
