/** The file that `skillos add-connector` writes, for each kind of connector. */
import type { ConnectorSpec } from './connector.ts';

export type ConnectorType = ConnectorSpec['type'];

export const CONNECTOR_TYPES: readonly ConnectorType[] = ['http', 'sql', 'vector'];

/** Returns YAML that is valid as it stands. */
export function connectorTemplate(id: string, type: ConnectorType): string {
  return `# A skill may call this connector if its manifest lists ${id} under connectors.
# All fields: docs/connectors.md
id: "${id}"
type: ${type}
${FIELDS[type]}`;
}

const FIELDS: Readonly<Record<ConnectorType, string>> = {
  http: `# Calls reach paths below this address only.
base_url: https://api.example.com
headers:
  Accept: application/json
# secret:KEY is looked up for each call, in the environment and in secrets/.env.
auth:
  type: bearer
  token: secret:API_TOKEN
timeout_seconds: 10
rate_limit_per_minute: 60
# true: the address may be in your own network, such as localhost.
allow_private: false
# Maximum of redirects, each to the same scheme, host and port.
follow_redirects: 0
`,
  sql: `# For Postgres: driver: postgres, and dsn: secret:DATABASE_DSN instead of database_path.
driver: sqlite
# A file below the skills root, such as data/app.sqlite; :memory: is empty at each start of a worker.
database_path: ":memory:"
# Maximum of one statement.
timeout_seconds: 10
`,
  vector: `# The REST API of Qdrant.
base_url: http://localhost:6333
# secret:KEY is looked up for each call, in the environment and in secrets/.env.
api_key: secret:QDRANT_API_KEY
timeout_seconds: 10
# true: the address may be in your own network, such as localhost.
allow_private: true
`,
};
