import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../../problem.ts';
import { isBelow, parseApiUrl } from '../../resolve/api-url.ts';
import type { CompileOptions } from '../../resolve/options.ts';

/** Refuses an `auth.baseUrl` that the administrators do not allow. */
export function checkAllowedApi({ spec }: AgentTeam, { api }: CompileOptions): readonly Problem[] {
  const { baseUrl } = spec.auth ?? {};
  const allowed = api?.allowedApiUrls;
  if (baseUrl === undefined || allowed === undefined) return [];
  const url = parseApiUrl(baseUrl);
  const isAllowed = allowed.some((text) => {
    const base = parseApiUrl(text);
    return url !== undefined && base !== undefined && isBelow(url, base);
  });
  if (isAllowed) return [];
  const rule = 'teams.allowedApiUrls (AGENTTEAM_ALLOWED_API_URLS)';
  const allows = allowed.length === 0 ? 'forbids every address' : `allows ${allowed.join(', ')}`;
  const other = allowed.length === 0 ? '' : 'use one of them, or ';
  return [
    {
      code: 'api-not-allowed',
      path: ['spec', 'auth', 'baseUrl'],
      message: `\`${baseUrl}\` is not allowed: the setting ${rule} ${allows}`,
      hint: `${other}remove auth.baseUrl, so that the team uses the address that the administrators have set`,
    },
  ];
}
