#!/usr/bin/env bash
# Usage: ./deploy.sh [OPTION]...
#
# Creates or updates the stack, and prints the webhook's URL. A second run changes nothing.
# Region, keys, profile and endpoint are found as the AWS CLI finds them.
#
#   --stack-name NAME         the stack (default: pointsman)
#   --region REGION           where, instead of AWS_REGION or the profile's region
#   --architecture NAME       x86_64 or arm64 (default: the stack's, for a new one x86_64)
#   --zip FILE|URL            the package (default: dist/pointsman-ARCHITECTURE.zip beside this
#                             script); with URL#sha256=DIGEST no other is taken
#   --build                   make the package first
#   --parameter NAME=VALUE    a parameter of template.yaml; may be given again and again
#   --parameters FILE         the same, one NAME=VALUE a line; # starts a comment line
#   --tags NAME=VALUE         a tag of the stack and of what is in it; may be given again and again
#   --role-arn ARN            the role that CloudFormation makes the changes as
#   --secret-file FILE        set the webhook's secret, which the stack has generated, to the line
#                             in FILE (- is standard input)
#   --artifact-bucket BUCKET  a bucket for the package (default: one of this account and region,
#                             pointsman-artifacts-ACCOUNT-REGION, made where it is not there)
#   --endpoint-url URL        an AWS elsewhere, such as a local one
#   --dry-run                 show what would be changed, and change nothing
#   -h, --help                this text
#
# Parameters and tags that are not given keep the value they have, or template.yaml's default.

set -euo pipefail
# In an older Bash an array that is empty counts as unset.
((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) ||
    { echo "deploy.sh: needs Bash 4.4 or later, this is $BASH_VERSION" >&2 && exit 1; }

root=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d)
given=() pairs=() problems=() owner=() account='' status='' secret='' made='' new='' kept='' executed='' left='' say_left=''
declare -A option=([stack-name]=pointsman [region]=${AWS_REGION:-${AWS_DEFAULT_REGION:-}})
declare -A parameters=() tags=() had=() resources=() outputs=()
export AWS_PAGER='' AWS_CLI_AUTO_PROMPT=off
problem() { problems+=("$1"); }
fail() { echo "deploy.sh: $1" >&2 && exit 1; }
digest() { sha256sum <"$1" | cut -c 1-64; }
reason() { sed -n '$s/^An error occurred //;$p' "$work/$1"; }
# Sets answer to what the CLI prints; where it fails, why to the reason.
ask() { answer=$(aws --output text "$@" 2>"$work/errors") || { why=$(reason errors) && return 1; }; }
do_or_fail() { ask "$@" || fail "$why"; }
# Lets a command end although this script is interrupted: only then is known what it has made.
finish() { (trap '' INT TERM && exec aws "${@:2}") >"$work/$1" 2>"$work/$1.errors"; }

# Leaves nothing behind that was only made to look at: deploy's change sets and the empty stack that they
# make, the package, and a bucket for it. What the change itself has left is said.
end() {
    trap '' INT TERM
    local id remains=()
    if [[ -z $executed && -e $work/deploy ]]; then
        ask cloudformation list-change-sets --stack-name "$stack" --query "Summaries[?Status=='FAILED' &&
            starts_with(ChangeSetName, 'awscli-cloudformation-package-deploy-')].[ChangeSetId]" || answer=''
        for id in $answer $(change_set); do
            ask cloudformation delete-change-set --change-set-name "$id" --stack-name "$stack" ||
                [[ $why == *ChangeSetNotFound* || $why == *'does not exist'* ]] ||
                remains+=("the change set $id of the stack $stack: $why")
        done
        if [[ $status == none ]] && ask cloudformation describe-stacks --stack-name "$stack" --query \
            'Stacks[0].StackStatus' && [[ $answer == REVIEW_IN_PROGRESS ]] && ask cloudformation list-change-sets \
            --stack-name "$stack" --query 'Summaries[].ChangeSetName' && [[ -z $answer ]]; then
            ask cloudformation delete-stack --stack-name "$stack" || remains=("the empty stack $stack: $why")
        fi
    fi
    if [[ -z $kept ]] && grep -qs 'Uploading to' "$work/package.errors"; then
        ask s3api delete-object --bucket "$bucket" --key "$(key)" || remains+=("the package, s3://$bucket/$(key): $why")
    fi
    [[ -n $kept || -z $made ]] || ask s3api delete-bucket --bucket "$bucket" || remains+=("the bucket $bucket: $why")
    rm -rf "$work"
    for id in "${remains[@]}"; do left+=${left:+; }$id say_left=yes; done
    [[ -z $say_left ]] || echo "deploy.sh: what remains: ${left:-nothing}" >&2
}
change_set() { sed -n 's/^aws .* --change-set-name //p' "$work/deploy"; }
key() { sed -n "s|.*\"CodeUri\": \"s3://$bucket/\(.*\)\".*|\1|p" "$work/packaged.json" | head -n 1; }

# What was asked for, and all that can be wrong with it, before anything is done.

while (($#)); do
    case $1 in
    -h | --help) sed -n '/^# Usage/,/^$/s/^# \{0,1\}//p' "$0" && rm -r "$work" && exit ;;
    --build | --dry-run) option[${1#--}]=yes && shift && continue ;;
    --stack-name | --region | --architecture | --zip | --parameter | --parameters | --tags | --role-arn | \
        --secret-file | --artifact-bucket | --endpoint-url) ;;
    *) problem "there is no option $1: see --help" && shift && continue ;;
    esac
    [[ -n ${2-} ]] || { problem "$1 needs a value" && shift $(($# < 2 ? 1 : 2)) && continue; }
    case $1 in
    --parameter) given+=("$2") ;;
    --tags) pairs+=("$2") ;;
    *) option[${1#--}]=$2 ;;
    esac
    shift 2
done
trap end EXIT
trap 'say_left=yes; exit 130' INT TERM
stack=${option[stack-name]} region=${option[region]} bucket=${option[artifact-bucket]-} zip=${option[zip]-}
build=${option[build]-} dry_run=${option[dry-run]-} role=${option[role-arn]-} url=${option[endpoint-url]-http://}
[[ $stack =~ ^[A-Za-z][A-Za-z0-9-]{0,127}$ ]] ||
    { problem "--stack-name: '$stack' is not letters, digits and hyphens, a letter first" && stack=''; }
[[ -z $role || $role =~ ^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+ ]] || problem "--role-arn: '$role' is not a role's ARN"
[[ $url =~ ^https?:// ]] || problem "--endpoint-url: '$url' does not begin with http:// or https://"
# As a variable: `package` does not pass the CLI's own option on to S3.
[[ ! $url =~ ^https?://. ]] || { unset "${!AWS_ENDPOINT_URL_@}" && export AWS_ENDPOINT_URL=$url; }
[[ -z $build || -z $zip ]] || problem "--build makes the package that --zip names otherwise"

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
        [[ $2 == tag || $declared == *" $name:"* ]] || problem "template.yaml has no parameter $name"
    fi
}
declared=$(sed -n '/^Parameters:/,/^Conditions:/s/^  [A-Za-z0-9]*:$/&/p' "$root/template.yaml")
file=${option[parameters]-}
[[ -z $file || -f $file && -r $file ]] || { problem "--parameters: $file cannot be read" && file=''; }
[[ -z $file ]] || mapfile -t -O ${#given[@]} given < <(grep -Ev '^[[:space:]]*(#|$)' "$file")
[[ -z ${option[architecture]-} ]] || given+=("Architecture=${option[architecture]}")
for i in "${!given[@]}"; do add parameters parameter $((i + 1)) "${given[i]}"; done
for i in "${!pairs[@]}"; do add tags tag $((i + 1)) "${pairs[i]}"; done

# A newline at the end of the secret is the file's and not the secret's.
file=${option[secret-file]-} wrong=''
if [[ $file == - && -t 0 ]]; then
    problem "--secret-file -: standard input is a terminal"
elif [[ -n $file && $file != - && (! -r $file || -d $file) ]]; then
    problem "--secret-file: $file cannot be read"
elif [[ -n $file ]]; then # Bash keeps no NUL, and so reads up to one
    IFS= LC_ALL=C read -r -d '' secret < <(cat -- "$file") && wrong='has a NUL byte'
    secret=$(printf %s "$secret") && secret=${secret%$'\r'}
    [[ -n $wrong || -n $secret ]] || wrong='is empty'
    [[ -n $wrong || ! $secret =~ [[:cntrl:]] ]] || wrong='is more than one line, or has a control character'
    printf %s "$secret" | iconv -f UTF-8 -t UTF-8 >/dev/null 2>&1 || wrong='is not UTF-8'
    [[ $secret != $'\xef\xbb\xbf'* ]] || wrong='begins with a byte order mark'
    (($(printf %s "$secret" | wc -c) <= 65536)) || wrong='is longer than 65,536 bytes'
    [[ -z $wrong ]] || problem "--secret-file: the secret $wrong"
fi

# Sets account where there is access.
check_access() {
    command -v aws >/dev/null || { problem "the AWS CLI is not installed: https://aws.amazon.com/cli/" && return; }
    [[ -n $region ]] || region=$(aws configure get region 2>"$work/errors") || true
    # Version 1 of the CLI reads the second alone; for version 2 the first outranks it.
    export AWS_REGION=${region:-us-east-1} AWS_DEFAULT_REGION=${region:-us-east-1}
    if ask sts get-caller-identity --query Account; then
        [[ -z $region ]] || account=$answer
    else
        [[ $why != *'config profile'* ]] || { problem "$why" && return; }
        problem "there are no keys that work: $why"
    fi
    [[ -n $region ]] || problem "there is no region: give --region, or set AWS_REGION"
}

# What is in the stack: one of another kind would lose all that it has.
check_resources() {
    local name id function=MonoRepoS3ConfigCloudFormationResourceFunction
    ask cloudformation list-stack-resources --stack-name "$stack" --query "StackResourceSummaries[?
        ResourceStatus!='DELETE_COMPLETE'].[LogicalResourceId,PhysicalResourceId]" ||
        { problem "the resources of the stack $stack cannot be listed: $why" && return; }
    while IFS=$'\t' read -r name id; do resources[${name:-none}]=$id; done <<<"$answer"
    [[ -n ${resources[$function]-} ]] ||
        { problem "the stack $stack is another's: it has no $function; name yours with --stack-name" && return; }
    id=${resources[ConfigStorageBucket]-}
    [[ -z $id || -n ${resources[ConfigStorageBucketPolicy]-} ]] || ! ask s3api get-bucket-policy --bucket "$id" ||
        problem "the bucket $id has a policy that is not the stack's, which is to set one that demands TLS: \
remove it first, aws s3api delete-bucket-policy --region $region --bucket $id"
}

# Sets status to what the stack is, and had to the parameters that it has; adds the tags that it has.
check_stack() {
    local kind name value of="--region $region --stack-name $stack" is="the stack $stack is"
    ask cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].[[[StackStatus]],
        Parameters[].['parameter',ParameterKey,ParameterValue],Tags[].['tag',Key,Value]][]" ||
        { [[ $why == *'does not exist'* ]] && answer=none; } ||
        { problem "the stack $stack cannot be described: $why" && return; }
    status=${answer%%$'\n'*}
    while IFS=$'\t' read -r kind name value; do
        [[ $kind != parameter ]] || had[$name]=$value
        [[ $kind != tag || $name == aws:* || -n ${tags[$name]+given} ]] || pairs+=("$name=$value")
    done <<<"$answer"
    case $status in
    none) # a bucket that is there would fail in the middle of the stack's change
        name=${parameters[ConfigStorageS3BucketName]-}
        [[ -z $name ]] || { ! ask s3api head-bucket --bucket "$name" && [[ $why != *403* ]]; } || problem "the bucket \
$name exists already: a stack makes its own; name another, or empty and delete that one" ;;
    ROLLBACK_COMPLETE | ROLLBACK_FAILED | CREATE_FAILED | DELETE_FAILED)
        problem "$is $status and can only be deleted: aws cloudformation delete-stack $of" ;;
    REVIEW_IN_PROGRESS) problem "$is $status: a change set that would create it waits. Execute it, or throw it away: \
aws cloudformation delete-stack $of" ;;
    UPDATE_ROLLBACK_FAILED)
        problem "$is $status: mend what its events name, then aws cloudformation continue-update-rollback $of" ;;
    *_IN_PROGRESS) problem "$is $status: wait until that has ended" ;;
    *) check_resources ;;
    esac
}

check_access
if [[ -n $account ]]; then
    # The name of our own can be foretold, and so be somebody else's.
    [[ -n $bucket ]] || owner=(--expected-bucket-owner "$account")
    bucket=${bucket:-pointsman-artifacts-$account-$region}
    if ! ask s3api head-bucket --bucket "$bucket" "${owner[@]}" --query BucketRegion; then
        new=yes
        [[ ${#owner[@]} != 0 && $why == *404* ]] || problem "the bucket $bucket cannot be used: $why"
    elif [[ $answer != "$region" && $answer != None ]]; then
        problem "the bucket $bucket is in $answer, and the stack in $region"
    fi
    [[ -z $stack ]] || check_stack
fi
name=ConfigStorageS3BucketName
[[ -z $status || -n ${parameters[$name]+given}${had[$name]+had} ]] ||
    problem "parameter $name is needed: give --parameter $name=VALUE"
architecture=${parameters[Architecture]-${had[Architecture]-x86_64}} url=${zip%%#*}
if [[ ! $architecture =~ ^(x86_64|arm64)$ ]]; then
    problem "--architecture: '$architecture' is neither x86_64 nor arm64"
elif [[ $url =~ ^https?:// ]] && ! curl -fsSL -o "$work/zip" "$url" 2>"$work/errors"; then
    problem "the package $url cannot be read: $(reason errors)"
elif [[ $url =~ ^https?:// ]]; then
    [[ $zip != *#sha256=* || ${zip##*#sha256=} == "$(digest "$work/zip")" ]] ||
        problem "the package $url is another one: its SHA-256 is $(digest "$work/zip")"
    zip=$work/zip
else
    zip=${zip:-$root/dist/pointsman-$architecture.zip}
    [[ -n $build || -f $zip ]] || problem "there is no package $zip: make it with --build, or name one with --zip"
fi
if ((${#problems[@]})); then
    printf 'deploy.sh: nothing was done, because\n' >&2 && printf -- '- %s\n' "${problems[@]}" >&2 && exit 2
fi

# What is done.

[[ -z $build ]] || "$root/package.sh" --architecture "$architecture"
if [[ -n $new ]]; then
    [[ -n $dry_run ]] || echo "making the bucket $bucket"
    location=(--create-bucket-configuration "LocationConstraint=$region")
    [[ $region != us-east-1 ]] || location=()
    made=yes && ask s3api create-bucket --bucket "$bucket" "${location[@]}" ||
        { made='' && [[ $why == *BucketAlreadyOwnedByYou* ]]; } || fail "$why"
    do_or_fail s3api put-public-access-block --bucket "$bucket" --public-access-block-configuration \
        BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
fi
mkdir "$work/dist"
cp "$root/template.yaml" "$work" && ln -s "$(readlink -f "$zip")" "$work/dist/pointsman.zip"
package() {
    finish package cloudformation package --template-file "$work/template.yaml" --s3-bucket "$bucket" --s3-prefix \
        "pointsman/$(digest "$zip")" --use-json --output-template-file "$work/packaged.json" "$@" ||
        { [[ $(reason package.errors) != *"attribute 'get'"* ]] || fail "this AWS CLI is too old for Fn::ForEach: update it"
            fail "$(reason package.errors)"; }
}
# Its name has its digest, but whoever may write there has chosen that as well.
is_sent() {
    ask s3api get-object --bucket "$bucket" --key "$(key)" "${owner[@]}" "$work/sent" || return 1
    why="its SHA-256 is another one" && [[ $(digest "$work/sent") == "$(digest "$zip")" ]]
}
package
is_sent || { package --force-upload && is_sent; } ||
    fail "s3://$bucket/$(key) is not what was sent there, so it is not deployed: $why"
# Without indentation it is small enough to be sent itself, instead of lying in a bucket.
sed -i 's/^ *//' "$work/packaged.json"
changes=(--stack-name "$stack" --template-file "$work/packaged.json" --capabilities CAPABILITY_NAMED_IAM
    CAPABILITY_AUTO_EXPAND --no-execute-changeset --no-fail-on-empty-changeset)
[[ ${#given[@]} == 0 ]] || changes+=(--parameter-overrides "${given[@]}")
[[ ${#pairs[@]} == 0 ]] || changes+=(--tags "${pairs[@]}")
[[ -z $role ]] || changes+=(--role-arn "$role")
finish deploy cloudformation deploy "${changes[@]}" ||
    { why=$(reason deploy.errors) && fail "the change set could not be made: ${why##*Reason: }"; }
if [[ -z $(change_set) ]]; then
    echo "the stack $stack: no changes"
else
    echo "the stack $stack in $region, account $account:"
    do_or_fail cloudformation describe-change-set --change-set-name "$(change_set)" --query \
        'Changes[].ResourceChange.[Action,ResourceType,LogicalResourceId,Replacement]'
    sed 's/\tTrue$/\tis replaced/;s/\tConditional$/\tmay be replaced/;s/\t\(False\|None\)$//' <<<"$answer" |
        while IFS=$'\t' read -r action type name replaced; do
            printf '  %-7s %-34s %-46s %s\n' "$action" "$type" "$name" "$replaced"
        done | sed 's/ *$//'
fi
[[ -z $dry_run ]] || { echo "nothing was done" && exit; }
kept=yes

if [[ -n $(change_set) ]]; then
    ! grep -q 'Uploading to' "$work/package.errors" || echo "the package is uploaded to s3://$bucket/$(key)"
    echo "changing the stack, which takes a minute or two"
    executed=yes token=deploy-$(date +%s)-$$ left="the stack $stack, whose change goes on: aws cloudformation \
describe-stacks --region $region --stack-name $stack"
    do_or_fail cloudformation execute-change-set --change-set-name "$(change_set)" --client-request-token "$token"
    for ((looks = 0; ; looks++)); do
        do_or_fail cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].StackStatus'
        [[ $answer == *_IN_PROGRESS ]] || break
        sleep $((looks < 5 ? 0 : 2)).2 # little at first: there may be little to do
    done
    status=$answer left="the stack $stack, which is $answer"
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
    echo "the stack $stack is $status"
fi
do_or_fail cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].Outputs[].[OutputKey,OutputValue]'
while IFS=$'\t' read -r name value; do outputs[$name]=$value; done <<<"$answer"
if [[ -n $secret ]]; then
    # A secret that is so already is left alone: otherwise the one before it would end.
    ask secretsmanager get-secret-value --secret-id "${outputs[GitHubSecretArn]}" \
        --query "join('', [SecretString, '.'])" || answer=''
    if [[ $answer == "$secret." ]]; then
        echo "the secret is as given already"
    else
        do_or_fail secretsmanager put-secret-value --secret-id "${outputs[GitHubSecretArn]}" \
            --secret-string "file://"<(printf %s "$secret")
        echo "the secret is set; the one before it is good until the next is set"
    fi
fi
# Whoever declares a rule chooses the pipeline: that this is any of them is the operator's to know.
[[ -n ${parameters[PipelineArns]-${had[PipelineArns]-}} ]] || cat <<'TEXT'

Whoever may declare a trigger may start every pipeline of this account and region, until the
parameter PipelineArns says which: docs/deploy.md, "One stack or several".
TEXT
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
