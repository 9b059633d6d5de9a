#!/bin/sh
# Creates or updates the schemas of Temporal. Takes the password from SQL_PASSWORD.
set -eu
schema() {
  set -- "$1" "/etc/temporal/schema/postgresql/v12/$2/versioned"
  sql="temporal-sql-tool --plugin postgres12 --ep postgres -p 5432 -u temporal --db $1"
  $sql setup-schema -v 0.0 || true # exists already
  $sql update-schema -d "$2"
}
schema temporal temporal
schema temporal_visibility visibility
