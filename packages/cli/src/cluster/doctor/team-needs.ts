import type { AgentTeam } from '@agentteam/api';
import type { Compiled } from '@agentteam/compiler';
import { CoreV1Api } from '@kubernetes/client-node';
import { needsOf } from '../../run/inputs/needs.ts';
import type { Connection } from '../connection/connection.ts';
import { type Finding, failed, lookUp, ok, unknown } from './finding.ts';

/**
 * Checks that the Secrets with their keys, the ConfigMaps and the claims of a team exist.
 * @param submitted names of the ConfigMaps that are submitted with the team.
 */
export async function examineNeeds(
  connection: Connection,
  { team, workflow, claims: { output } }: Compiled,
  submitted: readonly string[],
): Promise<readonly Finding[]> {
  const { secrets, configMaps, claims } = needsOf(workflow);
  const core = connection.config.makeApiClient(CoreV1Api);
  const { namespace } = connection;
  const required = <T extends { readonly optional: boolean }>(needs: readonly T[]) =>
    needs.filter(({ optional }) => !optional);
  return Promise.all([
    ...required(secrets).map(async ({ name }) => {
      const found = await lookUp(core.readNamespacedSecret({ namespace, name }));
      if (found.state === 'found') {
        return examineKeys(team, name, Object.keys(found.value.data ?? {}));
      }
      const remedy = `To create it, run: kubectl create secret generic ${name} -n ${namespace} --from-literal=${keyOf(team, name) ?? 'token'}=…`;
      return missing(`Secret ${name}`, found.state, namespace, remedy);
    }),
    ...required(configMaps)
      .filter(({ name }) => !submitted.includes(name))
      .map(async ({ name }) => {
        const found = await lookUp(core.readNamespacedConfigMap({ namespace, name }));
        if (found.state === 'found') return ok(`ConfigMap ${name}`, `in ${namespace}`);
        const remedy = `To create it, run: kubectl create configmap ${name} -n ${namespace} --from-file=DIRECTORY`;
        return missing(`ConfigMap ${name}`, found.state, namespace, remedy);
      }),
    ...required(claims)
      .filter(({ name }) => name !== output?.metadata?.name)
      .map(async ({ name }) => {
        const found = await lookUp(core.readNamespacedPersistentVolumeClaim({ namespace, name }));
        if (found.state === 'found') {
          return ok(`claim ${name}`, found.value.status?.phase ?? `in ${namespace}`);
        }
        return missing(
          `claim ${name}`,
          found.state,
          namespace,
          'Create a claim with that name and access mode ReadWriteMany.',
        );
      }),
  ]);
}

/** The key of the API's credential; undefined for other Secrets, which may have one of several keys. */
function keyOf({ spec: { auth } }: AgentTeam, secret: string): string | undefined {
  const { credentials = [], ...single } = auth ?? {};
  const all = [single, ...credentials];
  if (all.some(({ apiKeySecret }) => secret === apiKeySecret)) return 'ANTHROPIC_API_KEY';
  const isOauth = all.some(({ oauthSecret }) => secret === oauthSecret);
  return isOauth ? 'CLAUDE_CODE_OAUTH_TOKEN' : undefined;
}

function examineKeys(team: AgentTeam, name: string, keys: readonly string[]): Finding {
  const wanted = keyOf(team, name);
  const check = `Secret ${name}`;
  const isGiven = keys.some((key) => key === wanted || (isOauth(wanted) && key === REFRESH_KEY));
  if (wanted === undefined || isGiven) return ok(check, `with ${keys.join(', ')}`);
  return failed(
    check,
    `has no key ${wanted}; its keys: ${keys.join(', ') || 'none'}`,
    `Store the credential under the key ${wanted}.`,
  );
}

/** The key of a refresh token, with which the gateway gets the token. */
const REFRESH_KEY = 'CLAUDE_CODE_OAUTH_REFRESH_TOKEN';

function isOauth(key: string | undefined): boolean {
  return key === 'CLAUDE_CODE_OAUTH_TOKEN';
}

function missing(
  check: string,
  state: 'absent' | 'forbidden',
  namespace: string,
  remedy: string,
): Finding {
  if (state === 'forbidden') {
    return unknown(check, `you do not have permission to read it in ${namespace}`);
  }
  return failed(check, `does not exist in ${namespace}`, remedy);
}
