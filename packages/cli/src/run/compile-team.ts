import type { AgentTeam } from '@agentteam/api';
import { type Compiled, compile, formatProblems } from '@agentteam/compiler';
import { usageError } from '../failure.ts';
import type { RunRecord } from '../host/runs-directory.ts';
import { PRICES_CONFIG_MAP } from './run-inputs.ts';

/** @param rehearsalUrl base URL of what plays the model; absent: the real API. */
export function compileTeam(
  team: AgentTeam,
  { record, prices, apiUrl }: RunRecord['options'],
  rehearsalUrl: string | undefined,
): Compiled {
  const url = rehearsalUrl === undefined ? apiUrl : `${rehearsalUrl}/{agent}`;
  const { compiled, problems } = compile(team, {
    record,
    ...(prices ? { pricesConfigMap: PRICES_CONFIG_MAP } : {}),
    ...(url === undefined ? {} : { apiUrl: url }),
  });
  if (compiled !== undefined) return compiled;
  throw usageError(formatProblems(problems, { file: team.metadata.name }));
}
