#!/usr/bin/env bash
# Deploys template.yaml and dist/pointsman.zip as a CloudFormation stack, by the AWS CLI alone.
set -euo pipefail

# In an older Bash an array that is empty counts as unset.
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)); then
    echo "deploy.sh: needs Bash 4.4 or later, this is $BASH_VERSION" >&2
    exit 1
fi

usage() {
    cat <<'TEXT'
Usage: ./deploy.sh [OPTION]...

Creates or updates the stack, and prints the webhook's URL. A second run changes nothing.
Region, keys, profile and endpoint are found as the AWS CLI finds them.

  --stack-name NAME         the stack (default: pointsman)
  --region REGION           where, instead of AWS_REGION or the profile's region
  --architecture NAME       x86_64 or arm64 (default: the stack's, for a new one x86_64)
  --zip FILE                the package, made for that architecture (default:
                            dist/pointsman-ARCHITECTURE.zip beside this script)
  --build                   make the package first
  --parameter NAME=VALUE    a parameter of template.yaml; may be given again and again
  --parameters FILE         the same, one NAME=VALUE a line; # starts a comment line
  --secret-file FILE        set the webhook's secret to the line in FILE (- is standard input);
                            without it the stack keeps its own, which it has generated
  --artifact-bucket BUCKET  a bucket for package and template (default: one of this account and
                            region, pointsman-artifacts-ACCOUNT-REGION, made where it is not there)
  --endpoint-url URL        an AWS elsewhere, such as a local one
  --dry-run                 show what would be changed, and change nothing
  -h, --help                this text

Parameters that are not given keep the value they have, or template.yaml's default.
TEXT
}

# What was asked for.

root=$(dirname "$(readlink -f "$0")")
stack=pointsman region=${AWS_REGION:-${AWS_DEFAULT_REGION:-}} architecture='' bucket=''
zip='' build='' dry_run='' secret_file='' parameter_file=''
endpoint=() bucket_owner=() given=() kept=() problems=()
secret='' account='' status='' had=' ' own_bucket='' make_bucket='' change_set='' answer='' why=''
left='' say_left='' looks=0 template='' sent_template='' made_bucket='' had_pipelines=''
declare -A parameters=() outputs=()

problem() { problems+=("$1"); }

while (($#)); do
    case $1 in
    -h | --help) usage && exit ;;
    --build) build=yes && shift && continue ;;
    --dry-run) dry_run=yes && shift && continue ;;
    --stack-name | --region | --architecture | --zip | --parameter | --parameters | \
        --secret-file | --artifact-bucket | --endpoint-url) ;;
    *) problem "there is no option $1: see --help" && shift && continue ;;
    esac
    [[ -n ${2-} ]] || { problem "$1 needs a value" && shift $(($# < 2 ? 1 : 2)) && continue; }
    case $1 in
    --stack-name) stack=$2 ;;
    --region) region=$2 ;;
    --architecture) architecture=$2 ;;
    --zip) zip=$2 ;;
    --parameter) given+=("$2") ;;
    --parameters) parameter_file=$2 ;;
    --secret-file) secret_file=$2 ;;
    --artifact-bucket) bucket=$2 ;;
    --endpoint-url) endpoint=(--endpoint-url "$2") ;;
    esac
    shift 2
done

export AWS_PAGER='' AWS_CLI_AUTO_PROMPT=off

# Sets answer to what the CLI prints; where it fails, why to the reason.
ask() {
    answer=$(aws --output text "${endpoint[@]}" "$@" 2>"$work/errors") ||
        { why=$(sed -n '$s/^An error occurred //;$p' "$work/errors") && return 1; }
}

# What can be wrong, all of it before anything is done.

check_parameters() {
    local line name value number=0 names=' '
    if [[ -n $parameter_file && ! (-f $parameter_file && -r $parameter_file) ]]; then
        problem "--parameters: $parameter_file cannot be read"
    elif [[ -n $parameter_file ]]; then
        while IFS= read -r line || [[ -n $line ]]; do
            [[ $line =~ ^[[:space:]]*(#|$) ]] || given+=("$line")
        done <"$parameter_file"
    fi
    [[ -z $architecture ]] || given+=("Architecture=$architecture")
    for line in "${given[@]}"; do
        number=$((number + 1)) name=${line%%=*} value=${line#*=}
        if [[ ! $line =~ ^[A-Za-z0-9]+= ]]; then
            problem "parameter $number is not of the form NAME=VALUE"
        elif [[ $value =~ [[:cntrl:]] ]]; then
            problem "parameter $name has a control character in its value"
        elif [[ $names == *" $name "* ]]; then
            problem "parameter $name is given twice"
        else
            parameters[$name]=$value names+="$name "
        fi
    done
}

# Sets secret. A newline at the end is the file's and not the secret's.
check_secret() {
    local LC_ALL=C wrong='' # ${#secret} is a number of bytes
    [[ -n $secret_file ]] || return 0
    if [[ $secret_file == - ]]; then
        [[ ! -t 0 ]] || { problem "--secret-file -: standard input is a terminal" && return; }
    elif [[ ! -r $secret_file || -d $secret_file ]]; then
        problem "--secret-file: $secret_file cannot be read" && return
    fi
    # Bash keeps no NUL, and so reads up to one.
    IFS= read -r -d '' secret < <(cat -- "$secret_file") && wrong='has a NUL byte'
    secret=$(printf %s "$secret")
    secret=${secret%$'\r'}
    if [[ -n $wrong ]]; then
        :
    elif [[ -z $secret ]]; then
        wrong='is empty'
    elif ((${#secret} > 65536)); then
        wrong='is longer than 65,536 bytes'
    elif [[ $secret == $'\xef\xbb\xbf'* ]]; then
        wrong='begins with a byte order mark'
    elif ! printf %s "$secret" | iconv -f UTF-8 -t UTF-8 >/dev/null 2>&1; then
        wrong='is not UTF-8'
    elif [[ $secret =~ [[:cntrl:]] ]]; then
        wrong='is more than one line, or has a control character'
    fi
    [[ -z $wrong ]] || problem "--secret-file: the secret $wrong"
}

check_words() {
    [[ $stack =~ ^[A-Za-z][A-Za-z0-9-]{0,127}$ ]] ||
        { problem "--stack-name: '$stack' is not letters, digits and hyphens, a letter first" &&
            stack=''; }
    [[ ${endpoint[1]-http://} =~ ^https?:// ]] ||
        { problem "--endpoint-url: '${endpoint[1]}' does not begin with http:// or https://" &&
            endpoint=(); }
    [[ -z $build || -z $zip ]] || problem "--build makes the package that --zip names otherwise"
}

# Sets region where it was not given, and account where there is access.
check_access() {
    command -v aws >/dev/null ||
        { problem "the AWS CLI is not installed: https://aws.amazon.com/cli/" && return; }
    local found
    [[ -n $region ]] || region=$(aws configure get region 2>"$work/errors") || true
    found=$region region=${region:-us-east-1}
    # Version 1 of the CLI reads the second alone; for version 2 the first outranks it.
    export AWS_REGION=$region AWS_DEFAULT_REGION=$region
    if ask sts get-caller-identity --query Account; then
        [[ -z $found ]] || account=$answer
    elif [[ $why == *'config profile'* ]]; then
        problem "$why" && return
    else
        problem "there are no keys that work: $why"
    fi
    [[ -n $found ]] || problem "there is no region: give --region, or set AWS_REGION"
}

# Sets status to what the stack is, had to the parameters that it has, and architecture.
check_stack() {
    local name value
    ask cloudformation describe-stacks --stack-name "$stack" \
        --query 'Stacks[0].[[StackStatus],Parameters[].[ParameterKey,ParameterValue]][]' ||
        { [[ $why == *'does not exist'* ]] && answer=none; } ||
        { problem "the stack $stack cannot be described: $why" && return; }
    status=${answer%%$'\n'*}
    while IFS=$'\t' read -r name value; do
        had+="$name "
        [[ $name != Architecture ]] || architecture=$value
        [[ $name != PipelineArns ]] || had_pipelines=$value
    done <<<"$answer"
    case $status in
    none) check_new_bucket ;;
    ROLLBACK_COMPLETE | ROLLBACK_FAILED | CREATE_FAILED | DELETE_FAILED)
        problem "the stack $stack is $status and can only be deleted: aws cloudformation \
delete-stack --region $region --stack-name $stack"
        ;;
    REVIEW_IN_PROGRESS)
        problem "the stack $stack is $status: a change set that would create it waits. Execute it, \
or throw it away: aws cloudformation delete-stack --region $region --stack-name $stack"
        ;;
    UPDATE_ROLLBACK_FAILED)
        problem "the stack $stack is $status: mend what its events name, then aws cloudformation \
continue-update-rollback --region $region --stack-name $stack"
        ;;
    *_IN_PROGRESS) problem "the stack $stack is $status: wait until that has ended" ;;
    *) check_resources ;;
    esac
}

# A bucket or a policy that is there would fail in the middle of the stack's change.
check_new_bucket() {
    local name=${parameters[ConfigStorageS3BucketName]-}
    [[ -n $name ]] || return 0
    ask s3api head-bucket --bucket "$name" || [[ $why == *403* ]] || return 0
    problem "the bucket $name exists already: a stack makes its own; name another, or empty and \
delete that one"
}

# What is in the stack: one of another kind would lose all that it has.
check_resources() {
    local function=MonoRepoS3ConfigCloudFormationResourceFunction name id
    declare -A ids=()
    ask cloudformation list-stack-resources --stack-name "$stack" --query "StackResourceSummaries[?
        ResourceStatus!='DELETE_COMPLETE'].[LogicalResourceId,PhysicalResourceId]" ||
        { problem "the resources of the stack $stack cannot be listed: $why" && return; }
    while IFS=$'\t' read -r name id; do
        [[ -z $name ]] || ids[$name]=$id
    done <<<"$answer"
    id=${ids[ConfigStorageBucket]-}
    if [[ -z ${ids[$function]-} ]]; then
        problem "the stack $stack is another's: it has no $function; name yours with --stack-name"
    elif [[ -n $id && -z ${ids[ConfigStorageBucketPolicy]-} ]] &&
        ask s3api get-bucket-policy --bucket "$id" --query Policy; then
        problem "the bucket $id has a policy that is not the stack's, which is to set one that \
demands TLS: remove it first, aws s3api delete-bucket-policy --region $region --bucket $id"
    fi
}

# Sets kept to the parameters that keep the value they have.
check_template() {
    local name value declared
    # The whole is more than the 51,200 bytes that a request takes; the parameters alone are not.
    sed -n '/^Parameters:/,/^Conditions:/{/^Conditions:/!p}' "$root/template.yaml" >"$work/parameters.yaml"
    echo 'Resources: { None: { Type: AWS::CloudFormation::WaitConditionHandle } }' \
        >>"$work/parameters.yaml"
    ask cloudformation get-template-summary --template-body "file://$work/parameters.yaml" \
        --query 'Parameters[].[ParameterKey,DefaultValue]' ||
        { problem "template.yaml is refused: $why" && return; }
    declared=$answer
    while IFS=$'\t' read -r name value; do
        if [[ -n ${parameters[$name]+given} ]]; then
            continue
        elif [[ $had == *" $name "* ]]; then
            kept+=("$name")
        elif [[ $value == None ]]; then
            problem "parameter $name is needed: give --parameter $name=VALUE"
        fi
    done <<<"$declared"
    for name in "${!parameters[@]}"; do
        grep -q "^$name"$'\t' <<<"$declared" || problem "template.yaml has no parameter $name"
    done
}

# Sets architecture and zip: what is not given is the stack's.
check_package() {
    architecture=${parameters[Architecture]-${architecture:-x86_64}}
    zip=${zip:-$root/dist/pointsman-$architecture.zip}
    if [[ ! $architecture =~ ^(x86_64|arm64)$ ]]; then
        problem "--architecture: '$architecture' is neither x86_64 nor arm64"
    elif [[ -z $build && ! -f $zip ]]; then
        problem "there is no package $zip: make it with --build, or name one with --zip"
    fi
}

# Sets bucket, own_bucket where it is of our making, and make_bucket where it is not there.
check_bucket() {
    if [[ -z $bucket ]]; then
        bucket=pointsman-artifacts-$account-$region own_bucket=yes
        # The name can be foretold, and so be somebody else's.
        bucket_owner=(--expected-bucket-owner "$account")
    fi
    if ask s3api head-bucket --bucket "$bucket" "${bucket_owner[@]}" --query BucketRegion; then
        [[ $answer == "$region" || $answer == None ]] ||
            problem "the bucket $bucket is in $answer, and the stack in $region"
    elif [[ -n $own_bucket && $why == *404* ]]; then
        make_bucket=yes
    else
        problem "the bucket $bucket cannot be used: $why"
    fi
}

# What is done.

fail() {
    echo "deploy.sh: $1" >&2
    exit 1
}

# Between two looks at what goes on: short ones at first, since there may be little to do.
pause() { sleep "$((looks++ < 5 ? 0 : 2)).2"; }

do_or_fail() { ask "$@" || fail "$why"; }

# The parameters as JSON: the CLI's own notation would take a value apart at its commas.
write_parameters() {
    local name value comma=''
    {
        printf '['
        for name in "${!parameters[@]}"; do
            value=${parameters[$name]//\\/\\\\}
            printf '%s{"ParameterKey":"%s","ParameterValue":"%s"}' \
                "$comma" "$name" "${value//\"/\\\"}"
            comma=,
        done
        for name in "${kept[@]}"; do
            printf '%s{"ParameterKey":"%s","UsePreviousValue":true}' "$comma" "$name"
            comma=,
        done
        printf ']'
    } >"$work/parameters.json"
}

# A change set that is not executed is not left behind, nor the empty stack that it made. One that
# is being made can only be deleted when it is; the stack may be another deployment's by now.
drop_change_set() {
    local name=$change_set seconds=0 remnant=''
    [[ -n $name ]] || return 0
    change_set=''
    until ask cloudformation delete-change-set --stack-name "$stack" --change-set-name "$name"; do
        [[ $why != *ChangeSetNotFound* && $why != *'does not exist'* ]] || break
        if [[ $why != *InvalidChangeSetStatus* ]] || ((seconds++ == 30)); then
            remnant="the change set $name of the stack $stack: $why"
            break
        fi
        sleep 1
    done
    if [[ $status == none ]] &&
        ask cloudformation list-change-sets --stack-name "$stack" \
            --query "Summaries[?ChangeSetName!='$name'].ChangeSetName" && [[ -z $answer ]] &&
        ask cloudformation describe-stacks --stack-name "$stack" \
            --query 'Stacks[0].StackStatus' && [[ $answer == REVIEW_IN_PROGRESS ]]; then
        remnant=''
        ask cloudformation delete-stack --stack-name "$stack" ||
            remnant="the empty stack $stack: $why"
    fi
    [[ -z $remnant ]] || { left="${left:+$left; }$remnant" && say_left=yes; }
}

# Once its change set is made nobody reads the template in the bucket; it is left beside the package
# that goes with it, and nothing where none does.
drop_template() {
    local remnant=''
    if [[ -n $sent_template ]]; then
        ask s3api delete-object --bucket "$bucket" --key "$sent_template" ||
            remnant="the template, s3://$bucket/$sent_template: $why"
    fi
    if [[ -n $made_bucket && -z $remnant ]]; then
        ask s3api delete-bucket --bucket "$bucket" || [[ $why == *NoSuchBucket* ]] ||
            remnant="the bucket $bucket: $why"
    fi
    sent_template='' made_bucket=''
    [[ -z $remnant ]] || { left="${left:+$left; }$remnant" && say_left=yes; }
}

end() {
    trap '' INT TERM
    drop_change_set
    drop_template
    rm -rf "$work"
    [[ -z $say_left ]] || echo "deploy.sh: what remains: ${left:-nothing}" >&2
}

# Sets change_set, or leaves it empty where there is nothing to change.
make_change_set() {
    local kind=UPDATE state
    [[ $status != none ]] || kind=CREATE
    write_parameters
    change_set=$token
    do_or_fail cloudformation create-change-set --stack-name "$stack" --change-set-name "$token" \
        --change-set-type "$kind" --capabilities CAPABILITY_NAMED_IAM CAPABILITY_AUTO_EXPAND \
        --template-url "$template" \
        --parameters "file://$work/parameters.json" --query Id
    while true; do
        do_or_fail cloudformation describe-change-set --stack-name "$stack" \
            --change-set-name "$change_set" --no-paginate --query '[Status,StatusReason]'
        IFS=$'\t' read -r state why <<<"$answer"
        [[ $state == CREATE_PENDING || $state == CREATE_IN_PROGRESS ]] || break
        pause
    done
    [[ $state != CREATE_COMPLETE ]] || return 0
    case $why in
    *"didn't contain changes"* | *'No updates are to be performed'*) drop_change_set ;;
    *) fail "the change set could not be made: $why" ;;
    esac
}

show_changes() {
    local action name type replacement
    # shellcheck disable=SC2016 # JMESPath's literals
    do_or_fail cloudformation describe-change-set --stack-name "$stack" \
        --change-set-name "$change_set" --query \
        'Changes[].ResourceChange.[Action,LogicalResourceId,ResourceType,Replacement||`-`]'
    while IFS=$'\t' read -r action name type replacement; do
        case $replacement in
        True) replacement='is replaced' ;;
        Conditional) replacement='may be replaced' ;;
        *) replacement='' ;;
        esac
        printf '  %-7s %-34s %-46s %s\n' "$action" "$type" "$name" "$replacement"
    done <<<"$answer" | sed 's/ *$//'
}

# Whoever made a bucket of ours may have been interrupted before it had what it is to have.
prepare_bucket() {
    local location=(--create-bucket-configuration "LocationConstraint=$region")
    [[ $region != us-east-1 ]] || location=()
    if [[ -n $make_bucket ]]; then
        [[ -n $dry_run ]] || echo "making the bucket $bucket"
        made_bucket=yes
        if ! ask s3api create-bucket --bucket "$bucket" "${location[@]}"; then
            made_bucket=''
            [[ $why == *BucketAlreadyOwnedByYou* ]] || fail "$why"
        fi
    fi
    ask s3api get-public-access-block --bucket "$bucket" ||
        do_or_fail s3api put-public-access-block --bucket "$bucket" \
            --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,\
BlockPublicPolicy=true,RestrictPublicBuckets=true
    ask s3api get-bucket-encryption --bucket "$bucket" ||
        do_or_fail s3api put-bucket-encryption --bucket "$bucket" \
            --server-side-encryption-configuration \
            'Rules=[{ApplyServerSideEncryptionByDefault={SSEAlgorithm=AES256}}]'
}

# Whether an object of the artifact bucket is this file: its name says so, but whoever may write there
# has chosen that as well. The checksum is S3's own, of the bytes that it holds.
is_sent() {
    ask s3api head-object --bucket "$bucket" --key "$1" "${bucket_owner[@]}" \
        --checksum-mode ENABLED --query ChecksumSHA256 || return 1
    why="its SHA-256 is another one"
    [[ $answer == "$(checksum "$2")" ]]
}

# The SHA-256 of a file as S3 writes it: in base64.
checksum() { printf %b "$(sha256sum <"$1" | cut -c 1-64 | sed 's/../\\x&/g')" | base64; }

# Sends a file; S3 refuses what does not arrive as it is.
send() {
    do_or_fail s3api put-object --bucket "$bucket" --key "$1" --body "$2" \
        "${bucket_owner[@]}" --checksum-algorithm SHA256
    is_sent "$1" "$2" ||
        fail "s3://$bucket/$1 is not what was sent there, so it is not deployed: $why"
}

# Sets template, where CloudFormation reads it; its name is its content's.
send_template() {
    local host=https://s3.$region.amazonaws.com name
    [[ $region != cn-* ]] || host+=.cn
    host=${endpoint[1]:-${AWS_ENDPOINT_URL_S3:-${AWS_ENDPOINT_URL:-$host}}}
    sed "s|^\( *CodeUri: \)dist/pointsman.zip$|\1s3://$bucket/$key|" "$root/template.yaml" \
        >"$work/template.yaml"
    name=pointsman/$(sha256sum <"$work/template.yaml" | cut -c 1-64).yaml
    template=${host%/}/$bucket/$name
    if ! is_sent "$name" "$work/template.yaml"; then
        sent_template=$name
        send "$name" "$work/template.yaml"
    fi
}

upload() {
    [[ -z $made_bucket ]] || left="the bucket $bucket"
    sent_template='' made_bucket=''
    if ! is_sent "$key" "$zip"; then
        echo "uploading the package to s3://$bucket/$key"
        left="the package, s3://$bucket/$key"
        send "$key" "$zip"
    fi
}

execute() {
    left="the stack $stack, whose change goes on: aws cloudformation describe-stacks \
--region $region --stack-name $stack"
    do_or_fail cloudformation execute-change-set --stack-name "$stack" \
        --change-set-name "$change_set" --client-request-token "$token"
    change_set=''
    while true; do
        do_or_fail cloudformation describe-stacks --stack-name "$stack" \
            --query 'Stacks[0].StackStatus'
        status=$answer
        [[ $status == *_IN_PROGRESS ]] || break
        pause
    done
    left="the stack $stack, which is $status"
    if [[ $status != CREATE_COMPLETE && $status != UPDATE_COMPLETE ]]; then
        ask cloudformation describe-stack-events --stack-name "$stack" --query "StackEvents[?
            ClientRequestToken=='$token' && contains(ResourceStatus, '_FAILED')
            ].[LogicalResourceId,ResourceStatus,ResourceStatusReason]" || answer=$why
        echo "what failed, first things first:" >&2
        tac <<<"$answer" | sed -n '/cancelled$/!s/^/  /p' | head -n 5 >&2
        [[ ! $answer =~ MonoRepoResourceS3Role[^$'\n']*[Aa]lready\ ?[Ee]xists ]] ||
            echo "a second stack's role needs another name: --parameter ResourceRoleName=" >&2
        fail "the stack $stack is $status"
    fi
}

# Leaves a secret alone that is so already: otherwise the one before it would end.
set_secret() {
    ask secretsmanager get-secret-value --secret-id "$1" \
        --query "join('', [SecretString, '.'])" || answer=''
    if [[ $answer == "$secret." ]]; then
        echo "the secret is as given already"
        return
    fi
    do_or_fail secretsmanager put-secret-value --secret-id "$1" \
        --secret-string "file://"<(printf %s "$secret")
    echo "the secret is set; the one before it is good until the next is set"
}

# Whoever declares a rule chooses the pipeline: that this is any of them is the operator's to know.
say_open() {
    local value=${parameters[PipelineArns]-}
    [[ " ${kept[*]} " != *' PipelineArns '* ]] || value=$had_pipelines
    [[ -n $value ]] || cat <<TEXT

Whoever may declare a trigger may start every pipeline of this account and region, until the
parameter PipelineArns says which: docs/deploy.md, "One stack or several".
TEXT
}

next_step() {
    cat <<TEXT

The webhook's URL:  ${outputs[WebhookURL]}

Next, in GitHub (the organisation's or the repository's Settings, Webhooks, Add webhook):
  Payload URL   the one above
  Content type  application/json
  Secret        what this prints: aws secretsmanager get-secret-value --region $region \\
                  --secret-id ${outputs[GitHubSecretArn]} \\
                  --query SecretString --output text
  Events        the push event; pull requests too, if rules are about them
TEXT
}

work=$(mktemp -d)
trap end EXIT
trap 'say_left=yes; exit 130' INT TERM
check_words
check_parameters
check_secret
check_access
if [[ -n $account ]]; then
    check_bucket
    [[ -z $stack ]] || check_stack
    check_template
fi
check_package
if ((${#problems[@]})); then
    echo "deploy.sh: nothing was done, because" >&2
    printf -- '- %s\n' "${problems[@]}" >&2
    exit 2
fi

if [[ -n $build ]]; then
    "$root/package.sh" --architecture "$architecture"
fi
token=deploy-$(date +%s)-$$
key=pointsman/$(sha256sum <"$zip" | cut -c 1-64).zip
[[ -z $own_bucket ]] || prepare_bucket
send_template
make_change_set
if [[ -z $change_set ]]; then
    echo "the stack $stack: no changes"
else
    echo "the stack $stack in $region, account $account:"
    show_changes
fi
if [[ -n $dry_run ]]; then
    echo "nothing was done"
    exit
fi
if [[ -n $change_set ]]; then
    upload
    echo "changing the stack, which takes a minute or two"
    execute
    echo "the stack $stack is $status"
fi
do_or_fail cloudformation describe-stacks --stack-name "$stack" \
    --query 'Stacks[0].Outputs[].[OutputKey,OutputValue]'
while IFS=$'\t' read -r name value; do
    outputs[$name]=$value
done <<<"$answer"
if [[ -n $secret ]]; then
    set_secret "${outputs[GitHubSecretArn]}"
fi
say_open
next_step
