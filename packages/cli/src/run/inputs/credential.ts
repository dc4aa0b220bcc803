import type { Context } from '../../context.ts';
import type { SecretValues } from './secret-files.ts';

/** In the order in which the CLI itself prefers them. */
const VARIABLES = ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN'] as const;

/** The credential of the Messages API from the environment, as the team's secret would hold it. */
export function credentialFrom(env: Context['env']): SecretValues | undefined {
  for (const name of VARIABLES) {
    const value = env[name];
    if (value) return { [name]: value };
  }
  return undefined;
}
