import type { Compiled } from '@agentteam/compiler';
import { CoreV1Api, type V1Secret } from '@kubernetes/client-node';
import type { Connection } from '../connection/connection.ts';
import { type Finding, failed, lookUp, ok, unknown, warning } from './finding.ts';

/** The key of the logins, by the type of the Secret. The kubelet ignores Secrets of other types. */
const KEYS: Readonly<Record<string, string>> = {
  'kubernetes.io/dockerconfigjson': '.dockerconfigjson',
  'kubernetes.io/dockercfg': '.dockercfg',
};

/**
 * Checks the Secrets with which nodes pull the images of a team. The kubelet pulls without them if they do not
 * exist, so that only the registry's refusal would show.
 */
export async function examinePullSecrets(
  { config, namespace }: Connection,
  { workflow }: Compiled,
): Promise<readonly Finding[]> {
  const core = config.makeApiClient(CoreV1Api);
  const names = (workflow.spec.imagePullSecrets ?? []).flatMap(({ name }) => name ?? []);
  return Promise.all(
    names.map(async (name) => {
      const check = `image pull Secret ${name}`;
      const found = await lookUp(core.readNamespacedSecret({ namespace, name }));
      const remedy = `To create it, run: kubectl create secret docker-registry ${name} -n ${namespace} --docker-server=… --docker-username=… --docker-password=…`;
      switch (found.state) {
        case 'found':
          return examineLogins(check, found.value, remedy);
        case 'absent':
          return failed(check, `does not exist in ${namespace}`, remedy);
        case 'forbidden':
          return unknown(check, `you do not have permission to read it in ${namespace}`);
      }
    }),
  );
}

function examineLogins(
  check: string,
  { type = 'Opaque', data }: V1Secret,
  remedy: string,
): Finding {
  const key = KEYS[type];
  if (key === undefined) {
    return failed(check, `has the type ${type}, which nodes do not use for logins`, remedy);
  }
  const registries = registriesIn(Buffer.from(data?.[key] ?? '', 'base64').toString());
  return registries.length === 0
    ? warning(check, `has no login under its key ${key}`, remedy)
    : ok(check, `with logins for ${registries.join(', ')}`);
}

/** The registries of a Docker configuration, whose older form has no `auths`. */
function registriesIn(text: string): readonly string[] {
  try {
    const parsed = JSON.parse(text) as { readonly auths?: object };
    return Object.keys(parsed.auths ?? parsed);
  } catch {
    return [];
  }
}
