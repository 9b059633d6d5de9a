/** Renders the OpenAPI document as one HTML page that loads no other file. */
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { html } from '../ui/html.ts';
import type { Html } from '../ui/html.ts';

/** The page's only style; the Content-Security-Policy allows it by its hash. */
export const DOCS_STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}' +
  'code,pre{font:.9rem ui-monospace,monospace;background:#f2f4f7;border-radius:4px}code{padding:.1em .3em}' +
  'pre{padding:.8rem;overflow-x:auto}summary{cursor:pointer;padding:.4rem 0}details{border-bottom:1px solid #d8dee4}' +
  'table{border-collapse:collapse}td,th{text-align:left;vertical-align:top;padding:.2rem 1rem .2rem 0}' +
  '@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}code,pre{background:#161b22}details{border-color:#30363d}}';

interface Operation extends JsonObject {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters: readonly JsonObject[];
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

/** Returns the HTML of the page. */
export function docsPage(document: JsonObject): string {
  const { info, tags, paths, components } = document as unknown as OpenApi;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = tags.map(
    ({ name, description }) => html`
      <h2>${name}</h2>
      <p>${description}</p>
      ${operations.filter(({ operation }) => operation.tags.includes(name)).map(operationView)}
    `,
  );
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      html`<details id="${name}">
        <summary><code>${name}</code></summary>
        <pre>${JSON.stringify(schema, null, 2)}</pre>
      </details>`,
  );
  const style = { ...html``, markup: `<style>${DOCS_STYLE}</style>` };
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${info.title} API</title>
        <link rel="icon" href="data:," />
        ${style}
      </head>
      <body>
        <h1>${info.title} API ${info.version}</h1>
        <p>${info.description}</p>
        <p>For machines: <a href="/openapi.json">openapi.json</a></p>
        ${sections}
        <h2>Schemas</h2>
        ${schemas}
      </body>
    </html>`.markup;
}

interface OpenApi {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonValue>> };
}

interface Listed {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

function operationView({ path, method, operation }: Listed): Html {
  const { summary, parameters, requestBody, responses } = operation;
  const replies = Object.entries(responses).map(
    ([status, { description }]) =>
      html`<tr>
        <th>${status}</th>
        <td>${description}</td>
      </tr>`,
  );
  return html`<details>
    <summary><code>${method.toUpperCase()} ${path}</code> ${summary}</summary>
    ${
      parameters.length > 0 &&
      html`<h3>Parameters</h3>
        <pre>${JSON.stringify(parameters, null, 2)}</pre>`
    }
    ${
      requestBody !== undefined &&
      html`<h3>Body</h3>
        <pre>${JSON.stringify(requestBody, null, 2)}</pre>`
    }
    <h3>Responses</h3>
    <table>
      ${replies}
    </table>
  </details>`;
}
