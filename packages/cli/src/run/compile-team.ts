import type { AgentTeam } from '@agentteam/api';
import { type Compiled, compile, formatProblems, type Problem } from '@agentteam/compiler';
import { usageError } from '../failure.ts';
import type { RunRecord } from '../teams/local/run-record.ts';
import { PRICES_CONFIG_MAP } from './run-inputs.ts';

/**
 * Compiles a team for this machine.
 * @param rehearsalUrl base URL of the rehearsal's server; undefined for a real run.
 * @throws Failure listing every problem of the team.
 */
export function compileTeam(
  team: AgentTeam,
  { record, prices, ...real }: RunRecord['options'],
  rehearsalUrl: string | undefined,
): Compiled & { readonly warnings: readonly Problem[] } {
  const { allowPrivateWebhooks, apiFeatures } = real;
  const { apiUrl, hostingUrl } =
    rehearsalUrl === undefined
      ? real
      : { apiUrl: `${rehearsalUrl}/{agent}`, hostingUrl: `${rehearsalUrl}/hosting/github` };
  const { compiled, problems, warnings } = compile(team, {
    // The programs of this machine take the place of those of images.
    containers: { runtimeInjection: 'none' },
    api: {
      record,
      ...(prices && { pricesConfigMap: PRICES_CONFIG_MAP }),
      ...(apiFeatures !== undefined && { apiFeatures }),
      ...(apiUrl !== undefined && { apiUrl }),
    },
    network: {
      ...(hostingUrl !== undefined && { hostingUrl }),
      ...(allowPrivateWebhooks !== undefined && { allowPrivateWebhooks }),
    },
  });
  if (compiled !== undefined) return { ...compiled, warnings };
  throw usageError(formatProblems(problems, { file: team.metadata.name }));
}
