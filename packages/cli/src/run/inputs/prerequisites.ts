import { EXECUTOR } from '@agentteam/compiler';
import type { CompiledFile } from '../../team-file.ts';
import { keysOf, needsOf } from './needs.ts';

/**
 * Lists what a namespace must have before a compiled Workflow is submitted to it. Without the service
 * account the pods are refused; without the rest they wait forever, and Argo does not say why.
 * @param command creates the objects that can be created without knowing a secret.
 */
export function prerequisites(
  { team, workflow, claims: { team: shared, output } }: CompiledFile,
  command: string,
): readonly string[] {
  const { secrets, configMaps, claims } = needsOf(workflow);
  const { namespace } = team.metadata;
  const created = [shared, output].flatMap((claim) => claim?.metadata?.name ?? []);
  const others = [
    ...secrets.map((need) => ({ ...need, label: `Secret ${need.name}${keysOf(need)}` })),
    ...configMaps.map((need) => ({ ...need, label: `ConfigMap ${need.name}${keysOf(need)}` })),
    ...claims
      .filter(({ name }) => !created.includes(name))
      .map((need) => ({ ...need, label: `claim ${need.name}` })),
  ].filter(({ optional }) => !optional);
  const account = `service account ${EXECUTOR} with its token`;
  return [
    `Before you submit this Workflow, ${namespace === undefined ? 'its namespace' : `namespace ${namespace}`} needs:`,
    `  ${[account, ...created.map((name) => `claim ${name}`)].join(', ')}; to create them, run:`,
    `    ${command}`,
    ...others.map(({ label }) => `  ${label}`),
    `Delete the claim ${shared.metadata?.name} before you submit the team again, because it keeps the files of this run.`,
  ];
}
