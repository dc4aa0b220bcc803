import type { AgentTeam, Lead, Teammate } from '@agentteam/api';

/** What this run changes in the team of the file. */
export interface Adjustments {
  /** Dollars as decimal text. */
  readonly budget?: string;
  /** Where to clone from, and push to. */
  readonly repositoryUrl?: string;
  /** Base URL of the rehearsal's server. */
  readonly rehearsalUrl?: string;
}

/** Secret that stands for the user's credential where the team names none. */
const DEFAULT_SECRET = 'anthropic-api-key';

/** Secret that stands for a hosting service's token where a rehearsed team names none. */
const REHEARSED_TOKEN = 'rehearsed-hosting-token';

/** The team as this run compiles it. */
export function adjustTeam(
  team: AgentTeam,
  { budget, repositoryUrl, rehearsalUrl }: Adjustments,
): AgentTeam {
  const { spec } = team;
  const { auth = {}, repository, lifecycle } = spec;
  const hasSecret = auth.apiKeySecret !== undefined || auth.oauthSecret !== undefined;
  const adjusted: AgentTeam = {
    ...team,
    spec: {
      ...spec,
      auth: hasSecret ? auth : { ...auth, apiKeySecret: DEFAULT_SECRET },
      ...(repository === undefined || repositoryUrl === undefined
        ? {}
        : { repository: { ...repository, url: repositoryUrl } }),
      lifecycle: budget === undefined ? lifecycle : { ...lifecycle, budgetLimit: budget },
    },
  };
  return rehearsalUrl === undefined ? adjusted : offline(adjusted, rehearsalUrl);
}

/** Nothing of a rehearsal reaches a server that is not its own. */
function offline(team: AgentTeam, url: string): AgentTeam {
  const { observability, ...spec } = team.spec;
  const gates = spec.lifecycle.approvalGates;
  return {
    ...team,
    spec: {
      ...spec,
      lead: withServers(spec.lead, url),
      teammates: spec.teammates.map((mate) => withServers(mate, url)),
      lifecycle: {
        // A rehearsal's hosting service takes any token, so that a team without one can be rehearsed.
        ...(spec.lifecycle.onComplete === 'create-pr' && { githubTokenSecret: REHEARSED_TOKEN }),
        ...spec.lifecycle,
        ...(gates === undefined
          ? {}
          : {
              approvalGates: gates.map(({ webhookUrl: _url, ...gate }) => ({
                ...gate,
                channel: 'none' as const,
              })),
            }),
      },
      ...(observability === undefined ? {} : { observability: withoutWebhook(observability) }),
    },
  };
}

function withServers<Agent extends Lead | Teammate>(agent: Agent, url: string): Agent {
  if (agent.mcpServers === undefined) return agent;
  const mcpServers = agent.mcpServers.map((server) => ({
    ...server,
    url: `${url}/mcp/${server.name}`,
  }));
  return { ...agent, mcpServers };
}

type Observability = NonNullable<AgentTeam['spec']['observability']>;

function withoutWebhook({ webhook: _webhook, ...observability }: Observability): Observability {
  return observability;
}
