import { FILES, PATHS } from '@agentteam/contract';
import type { Need } from './needs.ts';

/** Keys that a Secret or ConfigMap must have, by where it is mounted. */
const KEYS: readonly (readonly [string, string])[] = [
  [`${PATHS.credentials}/api`, 'ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN'],
  [`${PATHS.credentials}/mcp/`, 'token'],
  [`${PATHS.credentials}/git`, 'token, or ssh-privatekey and known_hosts'],
  [`${PATHS.credentials}/push`, 'token, or ssh-privatekey and known_hosts'],
  [`${PATHS.credentials}/hosting`, 'token'],
  [`${PATHS.credentials}/webhook`, 'secret'],
  [PATHS.prices, FILES.prices],
  [PATHS.trust, FILES.trust],
];

/** `, with token`: as the end of a line about what is mounted; empty where nothing is known of it. */
export function keysOf({ mountPaths }: Need): string {
  const keys = KEYS.filter(([place]) => mountPaths.some((path) => path.startsWith(place)));
  return keys.length === 0 ? '' : `, with ${keys.map(([, words]) => words).join('; ')}`;
}
