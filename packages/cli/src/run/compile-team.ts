import type { AgentTeam } from '@agentteam/api';
import { type Compiled, compile, formatProblems, type Problem } from '@agentteam/compiler';
import { usageError } from '../failure.ts';
import type { RunRecord } from '../host/runs-directory.ts';
import { PRICES_CONFIG_MAP } from './run-inputs.ts';

/** @param rehearsalUrl base URL of what plays the model and the hosting service; absent: the real ones. */
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
