# A trigger, as a module. A stack with nothing in it but the trigger: the custom resource checks the rule
# before Terraform reports success, and the rule belongs to that stack. No other stack can overwrite or remove
# it, and when this module goes the rule goes.
#
# Writing the rule into the bucket (aws_s3_object) would do neither.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.0" }
  }
}

variable "name" {
  type        = string
  description = "The name of the trigger's stack."
}

variable "account_name" {
  type        = string
  default     = "tools"
  description = "The parameter AccountName of Pointsman's stack."
}

variable "rule" {
  type        = any
  description = "The rule: Repository, Branches, Paths, Target and the other properties."
}

resource "aws_cloudformation_stack" "trigger" {
  name = var.name
  template_body = jsonencode({
    Resources = {
      Trigger = {
        Type = "Custom::PipelineTrigger"
        Properties = merge(var.rule, {
          ServiceToken   = { "Fn::ImportValue" = "${var.account_name}-PipelineTrigger" }
          ServiceTimeout = 120
        })
      }
    }
    Outputs = { RuleKey = { Value = { "Fn::GetAtt" = ["Trigger", "Key"] } } }
  })
}

output "rule_key" {
  value       = aws_cloudformation_stack.trigger.outputs["RuleKey"]
  description = "Where the rule lies in Pointsman's bucket."
}
