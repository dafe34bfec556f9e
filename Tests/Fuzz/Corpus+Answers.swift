/// What servers answer, and what is read again of what was stored.
extension Corpus {
    static let stored = [
        #"{"state":"lost","rule":"p/rules/github/o/m/r.json","delivery":"d","receivedAt":"2026-11-21T04:35:47.000Z","holder":"h/1","attemptedSince":"2026-11-21T04:35:47.000Z","leaseExpires":"2026-11-21T04:36:47.000Z","attempts":1,"target":{"kind":"CodePipeline","name":"api"},"answer":"a"}"#,
        #"{"eventTime":"2026-11-21T04:35:47Z","delivery":"d","after":"7e","start":"s","answer":"a"}"#,
        #"{"commits":[{"commit":"6dcb09b5","at":"2026-11-21T04:35:47.000Z","delivery":"d","done":true},{"commit":"7e","at":"2026-11-21T04:35:48.000Z","delivery":"e","done":false}]}"#,
        #"{"source":"github","repository":"o/m","sha":"7e","context":"ci/api","rule":"r","delivery":"d","record":"k","pullRequest":7,"target":{"kind":"CodePipeline","name":"api","region":"eu-west-1","roleArn":"arn:aws:iam::123456789012:role/start"},"startedAt":"2026-11-21T04:35:47.000Z","state":"FAILED","stateTime":"2026-11-21T04:36:47.000Z","attempt":2,"start":"s","pushedAt":"2026-11-21T04:35:40.000Z","id":"e"}"#,
        #"{"source":"github","repository":"o/m","sha":"7e","context":"ci/api","status":"failure","description":"x","targetUrl":"https://x","rule":"r","delivery":"d","run":"codepipeline/e","startedAt":"2026-11-21T04:35:47.000Z","start":"s","state":"FAILED","stateTime":"2026-11-21T04:36:47.000Z","attempt":2,"set":true,"refusal":"no","holder":"h","leaseExpires":"2026-11-21T04:36:47.000Z"}"#,
        #"{"change":{"source":"github","repository":"o/m","kind":"push","branch":"main","delivery":"d"},"rules":[{"rule":"r","outcome":"started","clause":"Paths","path":"a","pattern":"**","reason":"x","answer":"id"}],"attempts":[{"at":"2026-11-21T04:35:47.000Z","requestId":"i","started":["r"],"failed":[]}]}"#,
    ].map { Array($0.utf8) }

    static let files = [
        #"[{"sha":"b","filename":"services/api/a","status":"renamed","previous_filename":"old/a"},{"filename":"ä","status":"added"}]"#,
        #"{"url":"u","status":"ahead","total_commits":1,"commits":[],"files":[{"filename":"a/b","status":"modified"},{"filename":"c","status":"renamed","previous_filename":"d"}]}"#,
    ].map { Array($0.utf8) }

    static let otherFiles = [
        #"[{"filename":"services/api/a","status":"renamed","previous_filename":"old/a"},{"filename":"ä","status":"added"}]"#,
        #"{"total_commits":1,"commits":[{"sha":"1","files":[{"filename":"a/b","status":"modified"}]}]}"#,
        #"{"commits":[],"diffs":[{"old_path":"a","new_path":"b","renamed_file":true}],"compare_timeout":false}"#,
        #"[{"old_path":"a","new_path":"a","diff":"@@ -1 +1 @@"}]"#,
        #"{"iid":7,"changes_count":"12","diff_refs":{"head_sha":"7e"}}"#,
    ].map { Array($0.utf8) }

    static let awsAnswers = [
        #"{"pipelineExecutionId":"id"}"#,
        #"{"pipeline":{"name":"p","stages":[{"name":"S","actions":[{"name":"Source","actionTypeId":{"category":"Source","owner":"AWS","provider":"CodeStarSourceConnection","version":"1"},"configuration":{"ConnectionArn":"c","FullRepositoryId":"o/m","BranchName":"main"}}]}]},"metadata":{"pipelineArn":"a"}}"#,
        #"{"pipelines":[{"name":"p","updated":1790000000.5,"version":1}],"nextToken":"n"}"#,
        #"{"pipelineExecutionSummaries":[{"status":"InProgress","startTime":1.79E9,"lastUpdateTime":1790000000}]}"#,
        #"{"actionExecutionDetails":[{"stageName":"Build","actionName":"Test","status":"Failed"}]}"#,
        #"{"tags":[{"key":"pointsman:pull-request","value":"o/m#7"}]}"#,
        #"{"build":{"id":"b:1","arn":"a"}}"#,
        #"{"differences":[{"beforeBlob":{"path":"c"},"afterBlob":{"blobId":"1","path":"é/\"a","mode":"100644"},"changeType":"M"}],"NextToken":"n"}"#,
        #"{"commit":{"commitId":"a","parents":["p","q"]}}"#,
        #"{"cluster":{"status":"ACTIVE","endpoint":"https://x.eks.test","certificateAuthority":{"data":"UEVN"}}}"#,
        #"{"FailedEntryCount":0,"Entries":[{"EventId":"e"}]}"#,
        #"{"FailedEntryCount":1,"Entries":[{"ErrorCode":"InternalException","ErrorMessage":"m"}]}"#,
        #"{"SecretString":"s\u00e9","SecretBinary":"AP8="}"#,
        #"{"__type":"com.amazonaws.codepipeline#ValidationException","message":"m"}"#,
        """
        <?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\
        <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>1/+=\
        </NextContinuationToken><Contents><Key>rules/a%20b</Key><ETag>&quot;e&quot;</ETag>\
        <Size>12</Size></Contents></ListBucketResult>
        """,
        """
        <AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId>\
        <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
        <Expiration>2026-11-21T04:35:47Z</Expiration></Credentials></AssumeRoleResult>\
        </AssumeRoleResponse>
        """,
        "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>m</Message></Error></ErrorResponse>",
        "<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>m &#x41;&lt;</Message></Error>",
    ].map { Array($0.utf8) }

    static let clusterAnswers = [
        #"{"kind":"Deployment","metadata":{"name":"web","resourceVersion":"7"},"spec":{"template":{"spec":{"containers":[{"name":"app","image":"octo/app:1"},{"name":"proxy"}]}}}}"#,
        #"{"kind":"Status","status":"Failure","message":"deployments.apps \"web\" not found","reason":"NotFound","code":404}"#,
        #"{"kind":"Build","metadata":{"name":"web-1","namespace":"shop"}}"# + "\n"
            + #"{"kind":"Status","status":"Success","message":"no git information found"}"#,
        #"{"kind":"Status","message":"skipping build. Branch reference does not match","code":200}"#,
    ].map { Array($0.utf8) }
}
