# Pointsman's stack: what deploy.sh does, by Terraform. The package is a released zip, and template.yaml is of
# the same release.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.0" }
  }
}

variable "template" {
  type        = string
  description = "The path of template.yaml."
}

variable "package" {
  type        = string
  description = "The path of the zip, made for the parameter Architecture."
}

variable "artifact_bucket" {
  type        = string
  description = "An existing, private bucket of the region, for package and template."
}

variable "stack_name" {
  type    = string
  default = "pointsman"
}

variable "parameters" {
  type        = map(string)
  description = "Parameters of template.yaml; ConfigStorageS3BucketName is required."
}

variable "tags" {
  type    = map(string)
  default = {}
}

# Where CloudFormation reads the template; elsewhere than in the aws partition it is another.
variable "s3_url" {
  type        = string
  default     = null
  description = "The URL of S3, if it is not https://s3.REGION.amazonaws.com."
}

data "aws_region" "here" {}

locals {
  package_key = "pointsman/${filesha256(var.package)}.zip"
  template = replace(
    file(var.template), "dist/pointsman.zip", "s3://${var.artifact_bucket}/${local.package_key}"
  )
  s3_url = coalesce(var.s3_url, "https://s3.${data.aws_region.here.name}.amazonaws.com")
}

resource "aws_s3_object" "package" {
  bucket             = var.artifact_bucket
  key                = local.package_key
  source             = var.package
  checksum_algorithm = "SHA256"
}

# It is larger than the 51,200 bytes that a request takes.
resource "aws_s3_object" "template" {
  bucket  = var.artifact_bucket
  key     = "pointsman/${sha256(local.template)}.yaml"
  content = local.template
}

resource "aws_cloudformation_stack" "pointsman" {
  name         = var.stack_name
  template_url = "${local.s3_url}/${aws_s3_object.template.bucket}/${aws_s3_object.template.key}"
  parameters   = var.parameters
  capabilities = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
  tags         = var.tags
  depends_on   = [aws_s3_object.package]

  lifecycle {
    # Its rules stay in the bucket, but the webhook's URL would be another one.
    prevent_destroy = true
  }
}

output "outputs" {
  value       = aws_cloudformation_stack.pointsman.outputs
  description = "The stack's outputs: WebhookURL, GitHubSecretArn, ServiceToken, and the others."
}
