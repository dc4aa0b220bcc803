import type { AgentTeam } from '@agentteam/api';
import type { Compiled } from '@agentteam/compiler';
import { CoreV1Api } from '@kubernetes/client-node';
import { needsOf } from '../../run/inputs/needs.ts';
import type { Connection } from '../connection/connection.ts';
import { ask, type Finding, failed, ok, unknown } from './finding.ts';

/**
 * What a team file names and somebody must have made: Secrets with their keys, ConfigMaps, claims.
 * @param given names of ConfigMaps that come with the team.
 */
export async function examineNeeds(
  connection: Connection,
  { team, workflow, claims: { output } }: Compiled,
  given: readonly string[],
): Promise<readonly Finding[]> {
  const { secrets, configMaps, claims } = needsOf(workflow);
  const core = connection.config.makeApiClient(CoreV1Api);
  const { namespace } = connection;
  const required = <T extends { readonly optional: boolean }>(needs: readonly T[]) =>
    needs.filter(({ optional }) => !optional);
  return Promise.all([
    ...required(secrets).map(async ({ name }) => {
      const asked = await ask(core.readNamespacedSecret({ namespace, name }));
      if (asked.is === 'there') return examineKeys(team, name, Object.keys(asked.value.data ?? {}));
      const remedy = `kubectl create secret generic ${name} -n ${namespace} --from-literal=${keyOf(team, name) ?? 'token'}=…`;
      return notThere(`Secret ${name}`, asked.is, namespace, remedy);
    }),
    ...required(configMaps)
      .filter(({ name }) => !given.includes(name))
      .map(async ({ name }) => {
        const asked = await ask(core.readNamespacedConfigMap({ namespace, name }));
        if (asked.is === 'there') return ok(`ConfigMap ${name}`, `in ${namespace}`);
        const remedy = `kubectl create configmap ${name} -n ${namespace} --from-file=DIRECTORY`;
        return notThere(`ConfigMap ${name}`, asked.is, namespace, remedy);
      }),
    ...required(claims)
      .filter(({ name }) => name !== output?.metadata?.name)
      .map(async ({ name }) => {
        const asked = await ask(core.readNamespacedPersistentVolumeClaim({ namespace, name }));
        if (asked.is === 'there') return ok(`claim ${name}`, asked.value.status?.phase ?? 'there');
        return notThere(`claim ${name}`, asked.is, namespace, 'Make it; ReadWriteMany.');
      }),
  ]);
}

/** The key that a credential must have; of other Secrets several will do. */
function keyOf({ spec: { auth } }: AgentTeam, secret: string): string | undefined {
  if (secret === auth?.apiKeySecret) return 'ANTHROPIC_API_KEY';
  return secret === auth?.oauthSecret ? 'CLAUDE_CODE_OAUTH_TOKEN' : undefined;
}

function examineKeys(team: AgentTeam, name: string, keys: readonly string[]): Finding {
  const wanted = keyOf(team, name);
  const check = `Secret ${name}`;
  if (wanted === undefined || keys.includes(wanted)) return ok(check, `with ${keys.join(', ')}`);
  return failed(
    check,
    `has no key ${wanted}, but ${keys.join(', ') || 'none'}`,
    `Put the credential under ${wanted}.`,
  );
}

function notThere(
  check: string,
  why: 'absent' | 'hidden',
  namespace: string,
  remedy: string,
): Finding {
  if (why === 'hidden') return unknown(check, `you may not look for it in ${namespace}`);
  return failed(check, `there is none in ${namespace}`, remedy);
}
