/// Swift source reduced to what the compiler would run.
enum SwiftCode {
    // A comment or a literal as a whole, so that neither is found inside the other. What a literal
    // interpolates goes too: none here is large enough to hide anything in.
    private static var commentOrLiteral: Regex<Substring> {
        #/
        //[^\n]* | /\*(?:[^*]|\*(?!/))*\*/
        | \#+"(?:[^"]|"(?!\#))*"\#+
        | """(?:[^"\\]|\\.|"(?!""))*"""
        | "(?:[^"\\\n]|\\.)*"
        /#
        .dotMatchesNewlines()
    }

    /// The text with every comment left out and every string literal emptied.
    static func bare(_ text: String) -> String {
        text.replacing(commentOrLiteral) { match in
            match.output.hasPrefix("/") ? "" : "\"\""
        }
    }
}
