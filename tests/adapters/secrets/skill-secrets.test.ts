import { openSkillSecrets } from '../../../adapters/secrets/skill-secrets.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { writeFiles } from '../../support/write-files.ts';

describe('openSkillSecrets', () => {
  const root = tempFolder();
  writeFiles(root, {
    'secrets/.env': 'FILED=from-file\nSKILLOS_TRAVEL_SEARCH_API_KEY=own\nDATABASE_URL=never\n',
  });
  const env = { API_KEY: 'shared', SKILLOS_SERVER_KEY: 'a-setting', FILED: '' };
  const secrets = openSkillSecrets({ root, env, production: false });

  test.each([
    ['travel/search', 'API_KEY', 'own'],
    ['travel/book', 'API_KEY', 'shared'],
    ['travel/book', 'FILED', 'from-file'],
    ['travel/book', 'NOWHERE', null],
    ['travel/book', 'DATABASE_URL', null],
    ['travel/book', 'SKILLOS_SERVER_KEY', null],
    ['server/key', '', null],
  ])('%s reads %s', (skill, key, expected) => {
    expect(secrets(skill, [key])).toEqual({ [key]: expected });
  });

  test('in production a file that others may read counts as empty', () => {
    expect(openSkillSecrets({ root, env, production: true })('a/b', ['FILED'])).toEqual({ FILED: null });
  });
});
