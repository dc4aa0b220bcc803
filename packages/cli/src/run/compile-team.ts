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
  { record, prices, containers, ...real }: RunRecord['options'],
  rehearsalUrl: string | undefined,
): Compiled & { readonly warnings: readonly Problem[] } {
  const { allowPrivateWebhooks, apiFeatures } = real;
  const { apiUrl, tokenUrl, hostingUrl } =
    rehearsalUrl === undefined ? real : rehearsed(team, rehearsalUrl);
  const { compiled, problems, warnings } = compile(team, {
    // Without --containers, the programs of this machine take the place of those of images.
    containers: { runtimeInjection: containers === undefined ? 'none' : 'directory' },
    api: {
      record,
      ...(prices && { pricesConfigMap: PRICES_CONFIG_MAP }),
      ...(apiFeatures !== undefined && { apiFeatures }),
      ...(apiUrl !== undefined && { apiUrl }),
      ...(tokenUrl !== undefined && { tokenUrl }),
    },
    network: {
      ...(hostingUrl !== undefined && { hostingUrl }),
      ...(allowPrivateWebhooks !== undefined && { allowPrivateWebhooks }),
    },
  });
  if (compiled !== undefined) return { ...compiled, warnings };
  throw usageError(formatProblems(problems, { file: team.metadata.name }));
}

/** The addresses of a rehearsal that stand in for those of the provider and the hosting service. */
function rehearsed({ spec }: AgentTeam, url: string) {
  return {
    apiUrl: `${url}/{agent}${spec.auth?.provider === 'foundry' ? '/anthropic' : ''}`,
    tokenUrl: `${url}/tokens`,
    hostingUrl: `${url}/hosting/github`,
  };
}
