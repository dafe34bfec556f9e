# shellcheck shell=bash disable=SC2034,SC2154 # sourced by deploy.sh, whose variables and functions it uses
# All that can be wrong with what deploy.sh is asked for, found before anything is done: each check adds its
# problems, and some say below what they set.

add() { # ARRAY KIND NUMBER NAME=VALUE
    local -n array=$1
    local name=${4%%=*}
    if [[ ! $4 =~ ^[^=]+= || $2 == parameter && ! $name =~ ^[A-Za-z0-9]+$ ]]; then
        problem "$2 $3 is not of the form NAME=VALUE"
    elif [[ ${4#*=} =~ [[:cntrl:]] ]]; then
        problem "$2 $name has a control character in its value"
    elif [[ -n ${array[$name]+given} ]]; then
        problem "$2 $name is given twice"
    else
        array["$name"]=${4#*=}
        [[ $2 == tag || $declared == *" $name:"* ]] ||
            problem "template.yaml has no parameter $name$(nearest "$name" "$declared")"
    fi
}

# Of declared parameters the one that a name may stand for, as a question: of the same letters but for their
# case, or at most a third of them added, left out or another.
nearest() { # NAME DECLARED
    tr -d ' :' <<<"$2" | awk -v wanted="$1" '
        function least(a, b) { return a < b ? a : b }
        function distance(a, b,    i, j, row, before, other) {
            for (j = 0; j <= length(b); j++) row[j] = j
            for (i = 1; i <= length(a); i++) {
                before = row[0]
                row[0] = i
                for (j = 1; j <= length(b); j++) {
                    other = before + (substr(a, i, 1) != substr(b, j, 1))
                    before = row[j]
                    row[j] = least(other, least(row[j], row[j - 1]) + 1)
                }
            }
            return row[length(b)]
        }
        {
            far = distance(tolower($0), tolower(wanted))
            if (far * 3 <= length(wanted) && (name == "" || far < best)) { best = far; name = $0 }
        }
        END { if (name != "") printf ", did you mean %s?", name }'
}

check_options() {
    local i file=${option[parameters]-} declared
    [[ $stack =~ ^[A-Za-z][A-Za-z0-9-]{0,127}$ ]] ||
        { problem "--stack-name: '$stack' is not letters, digits and hyphens, a letter first" && stack=''; }
    [[ -z $role || $role =~ ^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+ ]] || problem "--role-arn: '$role' is not a role's ARN"
    [[ $url =~ ^https?:// ]] || problem "--endpoint-url: '$url' does not begin with http:// or https://"
    # As a variable: `package` does not pass the CLI's own option on to S3.
    [[ ! $url =~ ^https?://. ]] || { unset "${!AWS_ENDPOINT_URL_@}" && export AWS_ENDPOINT_URL=$url; }
    [[ -z $build || -z $zip ]] || problem "--build makes the package that --zip names otherwise"
    declared=$(sed -n '/^Parameters:/,/^Conditions:/s/^  [A-Za-z0-9]*:$/&/p' "$root/template.yaml")
    [[ -z $file || -f $file && -r $file ]] || { problem "--parameters: $file cannot be read" && file=''; }
    [[ -z $file ]] || mapfile -t -O ${#given[@]} given < <(grep -Ev '^[[:space:]]*(#|$)' "$file")
    [[ -z ${option[architecture]-} ]] || given+=("Architecture=${option[architecture]}")
    for i in "${!given[@]}"; do add parameters parameter $((i + 1)) "${given[i]}"; done
    for i in "${!pairs[@]}"; do add tags tag $((i + 1)) "${pairs[i]}"; done
}

# Sets secret. A newline at the end is the file's and not the secret's; Bash keeps no NUL, and so reads up to one.
check_secret() {
    local LC_ALL=C file=${option[secret-file]-} wrong='' # ${#secret} is a number of bytes
    [[ -n $file ]] || return 0
    [[ $file != - || ! -t 0 ]] || { problem "--secret-file -: standard input is a terminal" && return; }
    [[ $file == - || -r $file && ! -d $file ]] || { problem "--secret-file: $file cannot be read" && return; }
    IFS= read -r -d '' secret < <(cat -- "$file") && wrong='has a NUL byte'
    secret=$(printf %s "$secret") && secret=${secret%$'\r'}
    [[ -n $wrong || -n $secret ]] || wrong='is empty'
    [[ -n $wrong || ! $secret =~ [[:cntrl:]] ]] || wrong='is more than one line, or has a control character'
    printf %s "$secret" | iconv -f UTF-8 -t UTF-8 >/dev/null 2>&1 || wrong='is not UTF-8'
    [[ $secret != $'\xef\xbb\xbf'* ]] || wrong='begins with a byte order mark'
    ((${#secret} <= 65536)) || wrong='is longer than 65,536 bytes'
    [[ -z $wrong ]] || problem "--secret-file: the secret $wrong"
}

# Sets region where it was not given, and account where there is access.
check_access() {
    command -v aws >/dev/null || { problem "the AWS CLI is not installed: https://aws.amazon.com/cli/" && return; }
    [[ -n $region ]] || region=$(aws configure get region 2>"$work/errors") || true
    # Version 1 of the CLI reads the second alone; for version 2 the first outranks it.
    export AWS_REGION=${region:-us-east-1} AWS_DEFAULT_REGION=${region:-us-east-1}
    if ask sts get-caller-identity --query Account; then
        account=${region:+$answer}
    else
        [[ $why != *'config profile'* ]] || { problem "$why" && return; }
        problem "there are no keys that work: $why"
    fi
    [[ -n $region ]] || problem "there is no region: give --region, or set AWS_REGION"
}

# A parameter without a default, of which there is one, is needed for a new stack.
check_needed() {
    local name=ConfigStorageS3BucketName
    [[ -n ${parameters[$name]+given}${had[$name]+had} ]] ||
        problem "parameter $name is needed: give --parameter $name=VALUE"
}

# Sets status to what the stack is, had to the parameters that it has, and adds the tags that it has.
check_stack() {
    local kind name value of="--region $region --stack-name $stack" is="the stack $stack is"
    local function=MonoRepoS3ConfigCloudFormationResourceFunction
    ask cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].[[[StackStatus]],
        Parameters[].['parameter',ParameterKey,ParameterValue],Tags[].['tag',Key,Value]][]" ||
        { [[ $why == *'does not exist'* ]] && answer=none; } ||
        { problem "the stack $stack cannot be described: $why" && return; }
    status=${answer%%$'\n'*}
    while IFS=$'\t' read -r kind name value; do
        [[ $kind != parameter ]] || had["$name"]=$value
        [[ $kind != tag || $name == aws:* || -n ${tags[$name]+given} ]] || pairs+=("$name=$value")
    done <<<"$answer"
    case $status in
    ROLLBACK_COMPLETE | ROLLBACK_FAILED | CREATE_FAILED | DELETE_FAILED)
        problem "$is $status and can only be deleted: aws cloudformation delete-stack $of" ;;
    REVIEW_IN_PROGRESS) problem "$is $status: a change set that would create it waits. Execute it, or throw it away: \
aws cloudformation delete-stack $of" ;;
    UPDATE_ROLLBACK_FAILED)
        problem "$is $status: mend what its events name, then aws cloudformation continue-update-rollback $of" ;;
    *_IN_PROGRESS) problem "$is $status: wait until that has ended" ;;
    none) # a bucket that is there would fail in the middle of the stack's change, as would a policy below
        name=${parameters[ConfigStorageS3BucketName]-}
        [[ -z $name ]] || { ! ask s3api head-bucket --bucket "$name" && [[ $why != *403* ]]; } || problem "the bucket \
$name exists already: a stack makes its own; name another, or empty and delete that one" ;;
    *) # of another kind it would lose all that it has
        ask cloudformation list-stack-resources --stack-name "$stack" --query "StackResourceSummaries[?
            ResourceStatus!='DELETE_COMPLETE'].[LogicalResourceId,PhysicalResourceId]" ||
            { problem "the resources of the stack $stack cannot be listed: $why" && return; }
        while IFS=$'\t' read -r name value; do ids[${name:-none}]=$value; done <<<"$answer"
        value=${ids[ConfigStorageBucket]-}
        [[ -n ${ids[$function]-} ]] ||
            problem "the stack $stack is another's: it has no $function; name yours with --stack-name"
        [[ -z $value || -n ${ids[ConfigStorageBucketPolicy]-} ]] || ! ask s3api get-bucket-policy --bucket "$value" ||
            problem "the bucket $value has a policy that is not the stack's, which is to set one that demands TLS: \
remove it first, aws s3api delete-bucket-policy --region $region --bucket $value" ;;
    esac
}

# Sets bucket, owner where it is of our making, and new where it is not there.
check_bucket() {
    # The name of our own can be foretold, and so be somebody else's.
    [[ -n $bucket ]] || owner=(--expected-bucket-owner "$account")
    bucket=${bucket:-pointsman-artifacts-$account-$region}
    if ask s3api head-bucket --bucket "$bucket" "${owner[@]}" --query BucketRegion; then
        [[ $answer == "$region" || $answer == None ]] ||
            problem "the bucket $bucket is in $answer, and the stack in $region"
    else
        new=yes
        [[ ${#owner[@]} != 0 && $why == *404* ]] || problem "the bucket $bucket cannot be used: $why"
    fi
}

# Sets architecture, and zip to a file: what is not given is the stack's.
check_package() {
    local url=${zip%%#*} wanted=${zip##*#sha256=}
    architecture=${parameters[Architecture]-${had[Architecture]-x86_64}}
    if [[ ! $architecture =~ ^(x86_64|arm64)$ ]]; then
        problem "--architecture: '$architecture' is neither x86_64 nor arm64"
    elif [[ ! $zip =~ ^https?:// ]]; then
        zip=${zip:-$root/dist/pointsman-$architecture.zip}
        [[ -n $build || -f $zip ]] ||
            problem "there is no package $zip: make it with --build, or name one with --zip"
    elif ! curl -fsSL -o "$work/zip" "$url" 2>"$work/errors"; then
        problem "the package $url cannot be read: $(reason errors)"
    else
        [[ $wanted == "$zip" || $wanted == "$(digest "$work/zip")" ]] ||
            problem "the package $url is another one: its SHA-256 is $(digest "$work/zip")"
        zip=$work/zip
    fi
}
