/** Skills that a query cannot tell apart: none of them runs, even with --execute. */
import { runCli } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { writeFiles } from '../support/write-files.ts';

const manifest = (id: string, { name = 'Search flights', entrypoint = id.replace('/', '.') } = {}) =>
  `id: ${id}
name: ${name}
description: Find flights between two cities
version: 1.0.0
entrypoint: implementations.${entrypoint}:run
`;

test.each([
  ['equal skills', 'travel/flights_search', {}],
  ['a copy with another id', 'travel/search_flights_copy', { entrypoint: 'travel.search_flights' }],
  ['a copy in another domain', 'trips/search_flights', {}],
  ['a second version', 'travel/search_flights_v2', { name: 'Search flights v2' }],
])('%s', async (_, id, more) => {
  const root = tempFolder();
  writeFiles(root, {
    'metadata/travel/search_flights.yaml': manifest('travel/search_flights'),
    [`metadata/${id}.yaml`]: manifest(id, more),
    'metadata/admin/list_users.yaml': manifest('admin/list_users', { name: 'List users' }).replace(
      'Find flights between two cities',
      'List the users of the system',
    ),
  });
  const env = { SKILLOS_CACHE_DIR: tempFolder(), TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const { code, stdout } = await runCli(['run', 'find flights to Sochi', '--execute', '--root', root], {
    env,
  });
  expect([code, stdout.split('\n')[0]]).toEqual([
    8,
    expect.stringMatching(/^low_confidence: \w+\/\w*flights/),
  ]);
});
