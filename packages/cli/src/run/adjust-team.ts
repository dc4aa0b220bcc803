import type { AgentTeam, Lead, Teammate } from '@agentteam/api';
import { REGISTRY_LOGIN } from './inputs/registry-login.ts';

/** Changes that a run makes to the team of its file. */
export interface Adjustments {
  /** US dollars as decimal text. */
  readonly budget?: string;
  /** URL to clone from and to push to. */
  readonly repositoryUrl?: string;
  /** Base URL of the rehearsal's server. */
  readonly rehearsalUrl?: string;
  /** Whether a rehearsal fetches skills and plugins. */
  readonly fetch?: boolean;
}

/** Name of the Secret for the user's credential when the team names none. */
const DEFAULT_SECRET = 'anthropic-api-key';

/** Name of the Secret for the hosting service's token when a rehearsed team names none. */
const REHEARSED_TOKEN = 'rehearsed-hosting-token';

/** Applies the changes to a team. */
export function adjustTeam(
  team: AgentTeam,
  { budget, repositoryUrl, rehearsalUrl, fetch = rehearsalUrl === undefined }: Adjustments,
): AgentTeam {
  const { spec } = fetch ? mapAgents(team, withLogin) : withoutSources(team);
  const { auth = {}, repository, lifecycle } = spec;
  const { apiKeySecret, oauthSecret, credentials } = auth;
  const hasSecret = [apiKeySecret, oauthSecret, credentials].some((given) => given !== undefined);
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

/**
 * Replaces what would be fetched by stand-ins: a skill by a ConfigMap, and a plugin by nothing, because scripts
 * rarely use one.
 */
function withoutSources(team: AgentTeam): AgentTeam {
  return mapAgents(team, (agent) => ({
    ...agent,
    ...(agent.plugins && { plugins: [] }),
    ...(agent.skills && {
      skills: agent.skills.map((skill) =>
        skill.source.configMap === undefined
          ? { ...skill, source: { configMap: `skill-${skill.name}` } }
          : skill,
      ),
    }),
  }));
}

/** Adds the user's own logins to those of the team. */
function withLogin<Agent extends Lead | Teammate>(agent: Agent): Agent {
  const skills = agent.skills?.map((skill) => {
    const { source } = skill;
    if (source.oci === undefined) return skill;
    const { imagePullSecrets = [] } = source;
    const names = [...new Set([...imagePullSecrets, REGISTRY_LOGIN])];
    return { ...skill, source: { ...source, imagePullSecrets: names } };
  });
  return skills === undefined ? agent : { ...agent, skills };
}

function mapAgents(
  team: AgentTeam,
  change: <Agent extends Lead | Teammate>(agent: Agent) => Agent,
): AgentTeam {
  const { lead, teammates } = team.spec;
  const spec = { ...team.spec, lead: change(lead), teammates: teammates.map(change) };
  return { ...team, spec };
}

/** Redirects or removes everything through which a rehearsal could reach a real server. */
function offline(team: AgentTeam, url: string): AgentTeam {
  const { observability, auth, ...spec } = team.spec;
  const { baseUrl: _baseUrl, ...credentials } = auth ?? {};
  const gates = spec.lifecycle.approvalGates;
  return {
    ...team,
    spec: {
      ...spec,
      auth: credentials,
      lead: withServers(spec.lead, url),
      teammates: spec.teammates.map((mate) => withServers(mate, url)),
      lifecycle: {
        // The rehearsal's hosting service accepts any token, so a team without one can be rehearsed.
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
      ...(observability !== undefined && { observability: withoutWebhook(observability) }),
    },
  };
}

function withServers<Agent extends Lead | Teammate>(agent: Agent, url: string): Agent {
  if (agent.mcpServers === undefined) return agent;
  // A server with a command runs on this machine, like the other programs of an agent.
  const mcpServers = agent.mcpServers.map((server) =>
    server.url === undefined ? server : { ...server, url: `${url}/mcp/${server.name}` },
  );
  return { ...agent, mcpServers };
}

type Observability = NonNullable<AgentTeam['spec']['observability']>;

function withoutWebhook({ webhook: _webhook, ...observability }: Observability): Observability {
  return observability;
}
