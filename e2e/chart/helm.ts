import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { parseAllDocuments } from 'yaml';
import type { Stored } from '../controller/cluster.ts';
import { programPath } from '../testcluster/control-plane.ts';

export const CHART: string = fileURLToPath(new URL('../../charts/agentteam', import.meta.url));
export const RELEASE = 'agentteam';
export const SYSTEM = 'agentteam-system';

/** The content of a user's own values.yaml. */
export type Values = Readonly<Record<string, unknown>>;

/**
 * Runs helm and returns its output.
 * @param values passed as a file.
 * @throws ExecaError with helm's stderr when it fails.
 */
export async function helm(args: readonly string[], values?: Values): Promise<string> {
  const given = values === undefined ? [] : ['--values=-'];
  const { stdout } = await execa(programPath('helm'), [...args, ...given], {
    input: JSON.stringify(values ?? {}),
  });
  return stdout;
}

/** Renders the manifests of a value set without a cluster. */
export async function render(values: Values = {}, chart = CHART): Promise<readonly Stored[]> {
  const output = await helm(
    ['template', RELEASE, chart, '-n', SYSTEM, '--kube-version', '1.34.0', '--no-hooks'],
    values,
  );
  return manifests(output);
}

/** Renders the hooks that `helm uninstall` runs. */
export async function renderHooks(values: Values): Promise<readonly Stored[]> {
  const output = await helm(
    ['template', RELEASE, CHART, '-n', SYSTEM, '--kube-version', '1.34.0'],
    values,
  );
  return manifests(output).filter(({ metadata }) => metadata?.annotations?.['helm.sh/hook']);
}

/** The message with which helm refuses a value set. */
export async function refusal(values: Values): Promise<string> {
  try {
    await render(values);
  } catch (error) {
    return (error as { readonly stderr: string }).stderr;
  }
  throw new Error(`helm accepted ${JSON.stringify(values)}`);
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
  if (found === undefined) throw new Error(`no ${kind} ${name ?? ''} was rendered`);
  return found;
}
