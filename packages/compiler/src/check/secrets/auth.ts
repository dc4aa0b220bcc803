import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../../problem.ts';
import { parseApiUrl } from '../../resolve/api-url.ts';

type Auth = NonNullable<AgentTeam['spec']['auth']>;

const AUTH = ['spec', 'auth'] as const;

/** Checks the credentials of `auth`, and the address that they are sent to. */
export function checkAuth({ spec }: AgentTeam): readonly Problem[] {
  const { auth } = spec;
  return auth === undefined ? [] : [...checkList(auth), ...checkBaseUrl(auth)];
}

function checkList({ credentials = [] }: Auth): readonly Problem[] {
  return credentials.flatMap(({ name, apiKeySecret, oauthSecret }, index): readonly Problem[] => {
    const earlier = credentials.slice(0, index);
    const path = [...AUTH, 'credentials', index];
    if (earlier.some((other) => other.name === name)) {
      const message = `\`${name}\` is listed twice`;
      const hint = 'rename one of them; the name says which credential paid';
      return [{ code: 'repeated-name', path: [...path, 'name'], message, hint }];
    }
    const twin = earlier.find(
      (other) => other.apiKeySecret === apiKeySecret && other.oauthSecret === oauthSecret,
    );
    if (twin === undefined || (apiKeySecret ?? oauthSecret) === undefined) return [];
    return [
      {
        code: 'repeated-credential',
        path: [...path, apiKeySecret === undefined ? 'oauthSecret' : 'apiKeySecret'],
        message: `\`${name}\` is the same credential as \`${twin.name}\`, which would be out of quota at the same time`,
        hint: 'name the Secret of another account, or remove the entry',
      },
    ];
  });
}

function checkBaseUrl({ baseUrl }: Auth): readonly Problem[] {
  if (baseUrl === undefined) return [];
  const url = parseApiUrl(baseUrl);
  const path = [...AUTH, 'baseUrl'];
  if (url === undefined) {
    return [
      {
        code: 'bad-api-url',
        path,
        message: `\`${baseUrl}\` is not the base URL of an API`,
        hint: 'use https://HOST[:PORT][/PATH], without a user, a query, or dots as a part of the path; /v1 is added',
      },
    ];
  }
  if (url.secure || url.isNear) return [];
  return [
    {
      code: 'unencrypted-api',
      path,
      message: `\`${baseUrl}\` would send the credential unencrypted to another network`,
      hint: 'use https; http is allowed for this machine and for services in the cluster',
    },
  ];
}
