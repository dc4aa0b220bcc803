import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../../problem.ts';
import { agentsOf } from '../agents.ts';
import { environmentsOf } from '../environment/environment.ts';
import { type Effective, effectiveEnvironments, once } from './environments.ts';

/** Names separated by slashes. None of the characters has a meaning for git, Argo or a shell. */
const PATH = /^[A-Za-z0-9._@+-]+(\/[A-Za-z0-9._@+-]+)*$/;
/** Kubernetes' rule for the keys of a ConfigMap. */
const KEY = /^(?!\.\.)[-._a-zA-Z0-9]{1,253}$/;

/** Checks the files that are placed in worktrees. Setup checks that the repository does not track them. */
export function checkFiles(team: AgentTeam): readonly Problem[] {
  const written = environmentsOf(team);
  return [
    ...written.flatMap(({ environment, path }) =>
      (environment.files ?? []).flatMap((file, index) =>
        checkFile(file, [...path, 'files', index]),
      ),
    ),
    ...(team.spec.repository === undefined
      ? written.flatMap(({ environment, path }) =>
          (environment.files ?? []).length === 0 ? [] : [withoutRepository([...path, 'files'])],
        )
      : []),
    ...once(effectiveEnvironments(team).flatMap(checkNested)),
    ...checkSharedTree(team),
  ];
}

function checkFile(
  { path: file, key }: { readonly path: string; readonly key: string },
  path: Problem['path'],
): readonly Problem[] {
  const problems: Problem[] = [];
  const names = file.split('/');
  if (!PATH.test(file) || names.some((name) => name === '.' || name === '..')) {
    problems.push({
      code: 'bad-file-path',
      path: [...path, 'path'],
      message: `\`${file}\` is not the path of a file in the repository`,
      hint: 'use names separated by slashes, relative to the root of the repository: config/test.env',
    });
  } else if (names.some((name) => /^\.git[. ]*$/i.test(name))) {
    problems.push({
      code: 'bad-file-path',
      path: [...path, 'path'],
      message: `\`${file}\` is inside git's own directory`,
      hint: 'choose a path outside .git',
    });
  }
  if (!KEY.test(key)) {
    problems.push({
      code: 'wrong-form',
      path: [...path, 'key'],
      message: `\`${key}\` cannot be a key of a ConfigMap`,
      hint: 'use letters, digits, hyphens, dots and underscores',
    });
  }
  return problems;
}

function withoutRepository(path: Problem['path']): Problem {
  return {
    code: 'not-supported',
    path,
    message: 'files are placed in the worktree of a repository, and this team has none',
    hint: 'mount the ConfigMap instead: workspace.inputs, or environment.volumes and mounts',
  };
}

/** A path cannot be a file and the directory of another file. */
function checkNested({ environment: { files = [] }, pathOf }: Effective): readonly Problem[] {
  return files.flatMap((file) => {
    const below = files.find((other) => other.path.startsWith(`${file.path}/`));
    if (below === undefined) return [];
    return [
      {
        code: 'bad-file-path',
        path: [...pathOf('files', file), 'path'],
        message: `\`${file.path}\` is also the directory of \`${below.path}\``,
        hint: 'rename one of them',
      },
    ];
  });
}

/** Teammates that share a worktree find the same file at a path. */
function checkSharedTree(team: AgentTeam): readonly Problem[] {
  if (team.spec.repository?.worktreeStrategy !== 'shared') return [];
  const placed = new Map<string, string>();
  return effectiveEnvironments(team)
    .filter((_, index) => agentsOf(team)[index]?.agent !== team.spec.lead)
    .flatMap(({ environment: { files = [] }, pathOf }) =>
      files.flatMap((file) => {
        const source = `${file.configMap}/${file.key}`;
        const other = placed.get(file.path) ?? source;
        placed.set(file.path, other);
        if (other === source) return [];
        return [
          {
            code: 'bad-file-path',
            path: [...pathOf('files', file), 'path'],
            message: `teammates that share a worktree have different files at \`${file.path}\``,
            hint: 'use the same ConfigMap and key, or worktreeStrategy: per-teammate',
          },
        ];
      }),
    );
}
