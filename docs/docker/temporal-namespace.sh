#!/bin/sh
# Creates the namespace of SkillOS. Histories are kept for 30 days.
set -eu
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 720h
