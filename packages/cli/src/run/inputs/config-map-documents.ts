import { isRecord } from '@agentteam/contract';

/** The files of a ConfigMap by key. */
export type ConfigMapFiles = ReadonlyMap<string, Uint8Array>;

/**
 * Finds the ConfigMaps in the YAML file of a team, by name.
 * @param objects the documents of the file.
 */
export function configMapsIn(
  objects: readonly Readonly<Record<string, unknown>>[],
): ReadonlyMap<string, ConfigMapFiles> {
  const found = new Map<string, ConfigMapFiles>();
  for (const value of objects) {
    if (value['kind'] !== 'ConfigMap' || !isRecord(value['metadata'])) continue;
    const name = value['metadata']['name'];
    if (typeof name !== 'string') continue;
    found.set(
      name,
      new Map([
        ...strings(value['data']).map(([key, data]) => [key, Buffer.from(data)] as const),
        ...strings(value['binaryData']).map(
          ([key, data]) => [key, Buffer.from(data, 'base64')] as const,
        ),
      ]),
    );
  }
  return found;
}

function strings(value: unknown): readonly (readonly [string, string])[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, data]) =>
    typeof data === 'string' && isKey(key) ? [[key, data] as const] : [],
  );
}

/** Whether Kubernetes allows the key. Such a key is also a safe file name. */
function isKey(key: string): boolean {
  return /^[-._a-zA-Z0-9]{1,253}$/.test(key) && key !== '.' && !key.startsWith('..');
}
