import type { AgentTeam } from '@agentteam/api';
import { type Compiled, compile, formatProblems } from '@agentteam/compiler';
import { usageError } from '../failure.ts';
import type { RunRecord } from '../host/runs-directory.ts';
import { PRICES_CONFIG_MAP } from './run-inputs.ts';

/** @param rehearsalUrl base URL of what plays the model; absent: the real API. */
export function compileTeam(
  team: AgentTeam,
  { record, prices }: Pick<RunRecord['options'], 'record' | 'prices'>,
  rehearsalUrl: string | undefined,
): Compiled {
  const { compiled, problems } = compile(team, {
    record,
    ...(prices ? { pricesConfigMap: PRICES_CONFIG_MAP } : {}),
    ...(rehearsalUrl === undefined ? {} : { apiUrl: `${rehearsalUrl}/{agent}` }),
  });
  if (compiled !== undefined) return compiled;
  throw usageError(formatProblems(problems, { file: team.metadata.name }));
}
