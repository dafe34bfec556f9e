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
given=() pairs=() problems=() remains=() owner=() account='' status='' secret='' new='' made='' kept='' executed='' say=''
declare -A option=([stack-name]=pointsman [region]=${AWS_REGION:-${AWS_DEFAULT_REGION:-}})
declare -A parameters=() tags=() had=() ids=() outputs=()
export AWS_PAGER='' AWS_CLI_AUTO_PROMPT=off
problem() { problems+=("$1"); }
fail() { echo "deploy.sh: $1" >&2 && exit 1; }
digest() { sha256sum <"$1" | cut -c 1-64; }
reason() { sed -n '$s/^An error occurred //;$p' "$work/$1"; }
# Sets answer to what the CLI prints; where it fails, why to the reason.
ask() { answer=$(aws --output text "$@" 2>"$work/errors") || { why=$(reason errors) && return 1; }; }
do_or_fail() { ask "$@" || fail "$why"; }
# Lets a command end although this script is interrupted: only then is it known what it has made.
finish() { (trap '' INT TERM && exec aws "${@:2}") >"$work/$1" 2>"$work/$1.errors"; }
change_set() { sed -n 's/^aws .* --change-set-name //p' "$work/deploy"; }
key() { sed -n "s|.*\"CodeUri\": \"s3://$bucket/\(.*\)\".*|\1|p" "$work/packaged.json" | head -n 1; }

# Leaves nothing behind that was made to look at alone: deploy's change sets and the empty stack that they are of,
# the package and the bucket.
end() {
    trap '' INT TERM
    local id
    if [[ -z $executed && -e $work/deploy ]]; then
        ask cloudformation list-change-sets --stack-name "$stack" --query "Summaries[?Status=='FAILED' &&
            starts_with(ChangeSetName, 'awscli-cloudformation-package-deploy-')].[ChangeSetId]" || answer=''
        for id in $answer $(change_set); do
            drop "the change set $id of the stack $stack" cloudformation delete-change-set --stack-name "$stack" \
                --change-set-name "$id"
        done
        [[ $status != none ]] || ! ask cloudformation describe-stacks --stack-name "$stack" --query \
            "Stacks[?StackStatus=='REVIEW_IN_PROGRESS'].StackName" || [[ -z $answer ]] ||
            ! ask cloudformation list-change-sets --stack-name "$stack" --query 'Summaries[].[ChangeSetName]' ||
            [[ -n $answer ]] || drop "the empty stack $stack" cloudformation delete-stack --stack-name "$stack"
    fi
    if grep -qs 'Uploading to' "$work/deploy.errors"; then
        id=$prefix/$(md5sum <"$work/packaged.json" | cut -c 1-32).template
        drop "the template, s3://$bucket/$id" s3api delete-object --bucket "$bucket" --key "$id"
    fi
    [[ -n $kept ]] || ! grep -qs 'Uploading to' "$work/package.errors" ||
        drop "the package, s3://$bucket/$(key)" s3api delete-object --bucket "$bucket" --key "$(key)"
    [[ -n $kept || -z $made ]] || drop "the bucket $bucket" s3api delete-bucket --bucket "$bucket"
    rm -rf "$work"
    [[ -z $say ]] || { printf -v id '; %s' "${remains[@]:-nothing}" && echo "deploy.sh: what remains: ${id#; }" >&2; }
}
drop() { ask "${@:2}" || [[ $why == *NotFound* || $why == *'not exist'* ]] || { remains+=("$1: $why") && say=yes; }; }

while (($#)); do
    case $1 in
    -h | --help) sed -n '/^# Usage/,/^$/s/^# \{0,1\}//p' "$0" && exit ;;
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

work=$(mktemp -d)
trap end EXIT
trap 'say=yes; exit 130' INT TERM
stack=${option[stack-name]} region=${option[region]} bucket=${option[artifact-bucket]-} zip=${option[zip]-}
build=${option[build]-} dry_run=${option[dry-run]-} role=${option[role-arn]-} url=${option[endpoint-url]-http://}
# shellcheck source=scripts/deploy-checks.sh
source "$root/scripts/deploy-checks.sh"
check_options
check_secret
check_access
if [[ -n $account ]]; then
    check_bucket
    [[ -z $stack ]] || check_stack
    check_needed
fi
check_package
if ((${#problems[@]})); then
    echo "deploy.sh: nothing was done, because" >&2
    printf -- '- %s\n' "${problems[@]}" >&2
    exit 2
fi

# What is done.

[[ -z $build ]] || "$root/package.sh" --architecture "$architecture"
if [[ -n $new ]]; then
    [[ -n $dry_run ]] || echo "making the bucket $bucket"
    location=(--create-bucket-configuration "LocationConstraint=$region")
    [[ $region != us-east-1 ]] || location=()
    made=yes
    ask s3api create-bucket --bucket "$bucket" "${location[@]}" ||
        { made='' && [[ $why == *BucketAlreadyOwnedByYou* ]]; } || fail "$why"
    do_or_fail s3api put-public-access-block --bucket "$bucket" --public-access-block-configuration \
        BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
fi
mkdir "$work/dist"
cp "$root/template.yaml" "$work" && ln -s "$(readlink -f "$zip")" "$work/dist/pointsman.zip"
prefix=pointsman/$(digest "$zip")
# Sends the package, unless there is an object of its name, and writes the template that names it.
package() {
    finish package cloudformation package --template-file "$work/template.yaml" --s3-bucket "$bucket" --s3-prefix \
        "$prefix" --use-json --output-template-file "$work/packaged.json" "$@" && return
    why=$(reason package.errors)
    [[ $why != *"attribute 'get'"* ]] || why="this AWS CLI does not know Fn::ForEach, update it: $why"
    fail "$why"
}
# Its name has its digest, but a user who may write there has chosen that as well.
is_sent() {
    ask s3api get-object --bucket "$bucket" --key "$(key)" "${owner[@]}" "$work/sent" || return 1
    why="its SHA-256 is another one" && [[ $(digest "$work/sent") == "$(digest "$zip")" ]]
}
package
is_sent || { package --force-upload && is_sent; } ||
    fail "s3://$bucket/$(key) is not what was sent there, so it is not deployed: $why"
# A request takes 51,200 bytes of template; a larger one has to lie in a bucket until it is read.
changes=(--stack-name "$stack" --template-file "$work/packaged.json" --capabilities CAPABILITY_NAMED_IAM
    CAPABILITY_AUTO_EXPAND --no-execute-changeset --no-fail-on-empty-changeset --s3-bucket "$bucket" --s3-prefix
    "$prefix")
[[ ${#given[@]} == 0 ]] || changes+=(--parameter-overrides "${given[@]}")
[[ ${#pairs[@]} == 0 ]] || changes+=(--tags "${pairs[@]}")
[[ -z $role ]] || changes+=(--role-arn "$role")
finish deploy cloudformation deploy "${changes[@]}" ||
    { why=$(reason deploy.errors) && fail "the change set could not be made: ${why##*Reason: }"; }
if [[ -z $(change_set) ]]; then
    echo "the stack $stack: no changes"
else
    echo "the stack $stack in $region, account $account:"
    do_or_fail cloudformation describe-change-set --stack-name "$stack" --change-set-name "$(change_set)" --query \
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
    executed=yes token=deploy-$(date +%s)-$$
    remains=("the stack $stack, whose change goes on: aws cloudformation describe-stacks --region $region \
--stack-name $stack")
    do_or_fail cloudformation execute-change-set --stack-name "$stack" --change-set-name "$(change_set)" \
        --client-request-token "$token"
    for ((looks = 0; ; looks++)); do
        do_or_fail cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].StackStatus'
        [[ $answer == *_IN_PROGRESS ]] || break
        sleep $((looks < 5 ? 0 : 2)).2 # little at first: there may be little to do
    done
    status=$answer remains=("the stack $stack, which is $answer")
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
# The author of a rule chooses the pipeline: that this is any of them is the operator's to know.
[[ -n ${parameters[PipelineArns]-${had[PipelineArns]-}} ]] || cat <<'TEXT'

Everyone who may declare a trigger may start every pipeline of this account and region, until the
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
