import { describe, expect, test } from '@jest/globals';
import { parseRemoteUrl } from '../../src/git/remote/url.ts';
import { apiOf } from '../../src/hosting/open-service.ts';

describe('the REST API of a repository’s hosting service', () => {
  test.each([
    ['https://github.com/acme/backend.git', 'https://api.github.com'],
    ['git@github.com:acme/backend.git', 'https://api.github.com'],
    ['ssh://git@ssh.github.com:443/acme/backend.git', 'https://api.github.com'],
    ['https://github.acme.example/a/b', 'https://github.acme.example/api/v3'],
    ['git@github.acme.example:a/b.git', 'https://github.acme.example/api/v3'],
    ['https://my-github.example:8443/a/b', 'https://my-github.example:8443/api/v3'],
    ['https://acme.ghe.com/a/b', 'https://api.acme.ghe.com'],
    ['https://gitlab.com/a/b/c.git', 'https://gitlab.com/api/v4'],
    ['ssh://git@gitlab.acme.example:2222/a/b.git', 'https://gitlab.acme.example/api/v4'],
  ])('%s', (url, api) => expect(apiOf(parseRemoteUrl(url))).toBe(api));

  test.each(['https://git.acme.example/a/b', 'https://notgithub.example/a/b', '/srv/git/a/b'])(
    'of %s must be set explicitly',
    (url) => expect(() => apiOf(parseRemoteUrl(url))).toThrow('AGENTTEAM_HOSTING_URL'),
  );
});
