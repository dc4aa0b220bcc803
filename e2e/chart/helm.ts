import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { parseAllDocuments } from 'yaml';
import type { Stored } from '../controller/cluster.ts';
import { programPath } from '../testcluster/control-plane.ts';

export const CHART: string = fileURLToPath(new URL('../../charts/agentteam', import.meta.url));
export const RELEASE = 'agentteam';
export const SYSTEM = 'agentteam-system';

/** A value set: what a user's own values.yaml holds. */
export type Values = Readonly<Record<string, unknown>>;

/**
 * What helm prints.
 * @param values given as a file, as users keep them.
 * @throws ExecaError with what it said, when it refuses.
 */
export async function helm(args: readonly string[], values?: Values): Promise<string> {
  const given = values === undefined ? [] : ['--values=-'];
  const { stdout } = await execa(programPath('helm'), [...args, ...given], {
    input: JSON.stringify(values ?? {}),
  });
  return stdout;
}

/** The manifests that a value set becomes, without a cluster to look into. */
export async function render(values: Values = {}, chart = CHART): Promise<readonly Stored[]> {
  const said = await helm(
    ['template', RELEASE, chart, '-n', SYSTEM, '--kube-version', '1.34.0', '--no-hooks'],
    values,
  );
  return manifests(said);
}

/** The manifests of the end of an uninstallation. */
export async function renderHooks(values: Values): Promise<readonly Stored[]> {
  const said = await helm(
    ['template', RELEASE, CHART, '-n', SYSTEM, '--kube-version', '1.34.0'],
    values,
  );
  return manifests(said).filter(({ metadata }) => metadata?.annotations?.['helm.sh/hook']);
}

/** What helm says of a value set that it does not take. */
export async function refusal(values: Values): Promise<string> {
  try {
    await render(values);
  } catch (error) {
    return (error as { readonly stderr: string }).stderr;
  }
  throw new Error(`it was taken: ${JSON.stringify(values)}`);
}

export function manifests(text: string): readonly Stored[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    return (document.toJS() as Stored | null) ?? [];
  });
}

export function find(objects: readonly Stored[], kind: string, name?: string): Stored {
  const found = objects.find(
    (one) => one.kind === kind && (name === undefined || one.metadata?.name === name),
  );
  if (found === undefined) throw new Error(`there is no ${kind} ${name ?? ''}`);
  return found;
}
