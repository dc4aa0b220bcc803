import type { AgentTeam } from '@agentteam/api';
import { usageError } from '../../failure.ts';

type Environment = NonNullable<AgentTeam['spec']['environment']>;

/** The environments of a team: that of all agents, the lead's and the teammates'. */
function environmentsOf({ spec }: AgentTeam): readonly Environment[] {
  const owners = [spec, spec.lead, ...spec.teammates];
  return owners.flatMap(({ environment }) => environment ?? []);
}

/** @throws Failure naming a volume that this machine cannot provide. */
export function checkOwnVolumes(team: AgentTeam): void {
  const volumes = environmentsOf(team).flatMap((environment) => environment.volumes ?? []);
  const image = volumes.find((volume) => volume.image !== undefined);
  if (image === undefined) return;
  throw usageError(
    `The volume ${image.name} has the files of an image, which only a cluster can mount`,
    'Use a claim or a ConfigMap instead, and give its files with --volume or --configmap.',
  );
}

/** The keys of ConfigMaps that files and variables come from, by the name of the ConfigMap. */
export function keysOfConfigMaps(team: AgentTeam): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, readonly string[]>();
  const add = (configMap: string, key: string) =>
    keys.set(configMap, [...(keys.get(configMap) ?? []), key]);
  for (const { files = [], env = [] } of environmentsOf(team)) {
    for (const { configMap, key } of files) add(configMap, key);
    for (const { configMapKeyRef } of env.flatMap(({ valueFrom }) => valueFrom ?? [])) {
      if (configMapKeyRef !== undefined) add(configMapKeyRef.name, configMapKeyRef.key);
    }
  }
  return keys;
}
