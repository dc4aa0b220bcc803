import type { Problem } from '../../problem.ts';
import type { CompileOptions } from '../../resolve/options.ts';
import { allowsAddress, credentialAddresses } from './credential-addresses.ts';
import { allowsImage } from './image-pattern.ts';

/** A value of a team that the administrators may have restricted. */
export interface Restricted {
  readonly value: string;
  readonly path: Problem['path'];
}

/** The fields of a team that are read here. The team may be one that has not been checked. */
export interface RestrictedTeam {
  readonly spec: object;
}

/** The options that restrict teams. */
export type RestrictionOptions = Pick<CompileOptions, 'restrictions' | 'pods'>;

/** A rule of the administrators: the setting that states it, and the values that it applies to. */
interface Rule {
  /** The chart's value. */
  readonly setting: string;
  readonly allowed: readonly string[];
  /** The restricted thing, in a sentence: `the image`. */
  readonly noun: string;
  readonly found: readonly Restricted[];
  readonly allows?: (pattern: string, value: string) => boolean;
}

/**
 * Checks a team against what the administrators of the installation allow. Each message names the value, and the
 * setting with the rule.
 */
export function checkRestrictions(
  team: RestrictedTeam,
  { restrictions = {}, pods = {} }: RestrictionOptions,
): readonly Problem[] {
  const { images, volumeTypes, serviceAccounts, credentialUrls } = restrictions;
  const sandbox = pods.runtimeClassName === undefined ? undefined : [pods.runtimeClassName];
  const { runtimeClasses = sandbox } = restrictions;
  const lists = [images, runtimeClasses, volumeTypes, serviceAccounts, credentialUrls];
  if (lists.every((list) => list === undefined)) return [];
  const environments = environmentsIn(team);
  const each = (read: (one: Located) => readonly Restricted[]) => environments.flatMap(read);
  const rules: readonly (Omit<Rule, 'allowed'> & { readonly allowed?: readonly string[] })[] = [
    {
      setting: 'teams.allowedImages',
      ...(images && { allowed: images }),
      noun: 'the image',
      found: each(imagesOf),
      allows: allowsImage,
    },
    {
      setting: 'teams.allowedRuntimeClasses',
      ...(runtimeClasses && { allowed: runtimeClasses }),
      noun: 'the runtime class',
      found: each((one) => textAt(one, 'runtimeClassName')),
    },
    {
      setting: 'teams.allowedVolumeTypes',
      ...(volumeTypes && { allowed: volumeTypes }),
      noun: 'a volume of the type',
      found: [...each(volumeTypesOf), ...workspaceVolumes(team)],
    },
    {
      setting: 'teams.allowedServiceAccounts',
      ...(serviceAccounts && { allowed: serviceAccounts }),
      noun: 'the service account',
      found: [...each((one) => textAt(one, 'serviceAccountName')), ...gatewayAccount(team)],
    },
    {
      setting: 'teams.allowedCredentialUrls',
      ...(credentialUrls && { allowed: credentialUrls }),
      noun: 'a Secret for the address',
      found: credentialUrls === undefined ? [] : credentialAddresses(team.spec),
      allows: allowsAddress,
    },
  ];
  return rules.flatMap(({ allowed, ...rule }) =>
    allowed === undefined ? [] : violations({ ...rule, allowed }),
  );
}

function violations({ setting, allowed, noun, found, allows = equals }: Rule): readonly Problem[] {
  const isAllowed = ({ value }: Restricted) => allowed.some((one) => allows(one, value));
  return found
    .filter((one) => !isAllowed(one))
    .map(({ value, path }) => ({
      code: 'restricted',
      path,
      message: `the administrators do not allow ${noun} \`${value}\` (${setting})`,
      hint:
        allowed.length === 0
          ? `${setting} allows none; ask the administrators of this installation`
          : `allowed: ${allowed.join(', ')}; or ask the administrators of this installation`,
    }));
}

function equals(allowed: string, value: string): boolean {
  return allowed === value;
}

/** An object of the team, with its path. */
interface Located {
  readonly object: Readonly<Record<string, unknown>>;
  readonly path: Problem['path'];
}

function environmentsIn({ spec }: RestrictedTeam): readonly Located[] {
  const { lead, teammates: listed } = spec as Readonly<Record<string, unknown>>;
  const teammates: readonly unknown[] = Array.isArray(listed) ? listed : [];
  const owners: readonly (readonly [unknown, Problem['path']])[] = [
    [spec, ['spec']],
    [lead, ['spec', 'lead']],
    ...teammates.map((one, index) => [one, ['spec', 'teammates', index]] as const),
  ];
  return owners.flatMap(([owner, path]) => {
    const object = recordOf(recordOf(owner)['environment']);
    return [{ object, path: [...path, 'environment'] }];
  });
}

/** The images of an agent's container, of its sidecars, and of its volumes. */
function imagesOf(one: Located): readonly Restricted[] {
  return [
    ...textAt(one, 'image'),
    ...entriesOf(one, 'sidecars').flatMap((sidecar) => textAt(sidecar, 'image')),
    ...entriesOf(one, 'volumes').flatMap(({ object, path }) =>
      textAt({ object: recordOf(object['image']), path: [...path, 'image'] }, 'reference'),
    ),
  ];
}

/** The field of a volume besides its name is its type. */
function volumeTypesOf(one: Located): readonly Restricted[] {
  return entriesOf(one, 'volumes').flatMap(({ object, path }) =>
    Object.keys(object)
      .filter((key) => key !== 'name')
      .map((value) => ({ value, path: [...path, value] })),
  );
}

/** Inputs are volumes, too, and so is an output in a claim that exists. */
function workspaceVolumes({ spec }: RestrictedTeam): readonly Restricted[] {
  const workspace = { object: recordOf(recordOf(spec)['workspace']), path: ['spec', 'workspace'] };
  const output = {
    object: recordOf(workspace.object['output']),
    path: [...workspace.path, 'output'],
  };
  return [...entriesOf(workspace, 'inputs'), output].flatMap((one) => [
    ...textAt(one, 'pvc').map(({ path }) => ({ value: 'persistentVolumeClaim', path })),
    ...textAt(one, 'configMap').map(({ path }) => ({ value: 'configMap', path })),
  ]);
}

/** The account whose identity the gateways have at the model provider. */
function gatewayAccount({ spec }: RestrictedTeam): readonly Restricted[] {
  const { workloadIdentity } = recordOf(recordOf(spec)['auth']);
  return textAt(
    { object: recordOf(workloadIdentity), path: ['spec', 'auth', 'workloadIdentity'] },
    'serviceAccountName',
  );
}

function entriesOf({ object, path }: Located, list: string): readonly Located[] {
  const entries = object[list];
  if (!Array.isArray(entries)) return [];
  return entries.map((entry, index) => ({
    object: recordOf(entry),
    path: [...path, list, index],
  }));
}

function textAt({ object, path }: Located, key: string): readonly Restricted[] {
  const value = object[key];
  return typeof value === 'string' ? [{ value, path: [...path, key] }] : [];
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
