import { PATHS, VOLUME } from '@agentteam/contract';
import type { ResolvedAgent } from '../../resolve/agents.ts';
import type { ResolvedOptions } from '../../resolve/options.ts';
import type { ResolvedTeam } from '../../resolve/resolve.ts';
import { identityToken } from '../identity.ts';
import { shared } from './claim.ts';
import { figuresSecret } from './credentials.ts';
import { join, type Mounted, NOTHING, READ_ONLY, secret, secretAt, secretIn } from './mounted.ts';

/** What every gateway mounts. */
const OWN: Mounted = {
  volumes: [],
  mounts: [
    shared(PATHS.ledger, VOLUME.ledger),
    shared(PATHS.control, VOLUME.control),
    shared(PATHS.state, VOLUME.state, true),
    shared(PATHS.teams, VOLUME.teams),
    shared(PATHS.tasks, VOLUME.tasks, true),
    { name: 'gateway', mountPath: PATHS.gateway },
    // A person who may run commands in the pod reads it there, for example for the page.
    shared(PATHS.volume, undefined, true),
  ],
};

/** The results of a Cowork team, for the same readers. */
function results({ output }: ResolvedTeam): Mounted {
  return output === undefined
    ? NOTHING
    : {
        volumes: [{ name: 'output', persistentVolumeClaim: { claimName: output.claim } }],
        mounts: [{ name: 'output', mountPath: PATHS.results, ...READ_ONLY }],
      };
}

/** What a gateway mounts and its agent does not: the ledger, the stop marker, the credentials. */
export function gatewayMounts(
  team: ResolvedTeam,
  agent: ResolvedAgent,
  options: ResolvedOptions,
): Mounted {
  const { api, credentials } = team.secrets;
  const { pricesConfigMap } = options.api;
  const servers = agent.mcpServers.map(({ name, credentialsSecret, headersSecret }, index) =>
    join(
      secretIn(`mcp-${index}`, credentialsSecret, `mcp/${name}`),
      secretIn(`mcp-headers-${index}`, headersSecret, `mcp-headers/${name}`),
    ),
  );
  const services = (agent.environment.services ?? []).flatMap(
    ({ name, credentialsSecret }, index) =>
      credentialsSecret === undefined
        ? []
        : [
            // Without the Secret, the gateway says which one is missing. A pod would wait without a message.
            secret(`service-${index}`, credentialsSecret, `${PATHS.credentials}/services/${name}`, {
              optional: true,
            }),
          ],
  );
  const prices: Mounted =
    pricesConfigMap === undefined
      ? NOTHING
      : {
          volumes: [{ name: 'prices', configMap: { name: pricesConfigMap } }],
          mounts: [{ name: 'prices', mountPath: PATHS.prices, ...READ_ONLY }],
        };
  const several = credentials.map(({ name, secret: from }, index) =>
    secret(`api-${index}`, from, `${PATHS.credentials}/api/${name}`),
  );
  const apis = [secretAt('api', api), ...several];
  const token = identityToken(team.provider);
  const own = join(OWN, results(team));
  return join(own, ...apis, token, ...servers, ...services, figuresSecret(options), prices);
}
