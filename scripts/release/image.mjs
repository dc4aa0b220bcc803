// The image as an OCI archive, by buildah or by Docker's buildx, whichever works here.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../ensure.mjs';
import { productVersion } from './version.mjs';

const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };

/**
 * @param seconds the time of every file in the image, since 1970.
 * @param base the image that ours starts from, in place of the Dockerfile's.
 * @returns `{file}`, or `{missing}`: why there is no image, as a sentence.
 * @throws Error when a tool exists but the build fails.
 */
export function writeImage(directory, seconds, base) {
  const tool = TOOLS.find(({ checks }) => checks.every(succeeds));
  if (tool === undefined) {
    return {
      missing:
        'neither buildah nor a Docker daemon with buildx is on this machine, so no image was built',
    };
  }
  const version = productVersion();
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  const file = join(directory, `agentteam-image-${version}-linux-${architecture}.tar`);
  // The tools would add to an existing archive.
  rmSync(file, { force: true });
  const tag = `ghcr.io/amcheste/agentteam:${version}`;
  const args = [
    `--build-arg=SOURCE_DATE_EPOCH=${seconds}`,
    `--label=org.opencontainers.image.version=${version}`,
    ...(base === undefined ? [] : [`--build-arg=BASE=${base}`]),
  ];
  for (const command of tool.commands({ file, tag, seconds, args })) runOrThrow(command);
  return { file };
}

const TOOLS = [
  {
    checks: [['buildah', '--version']],
    commands: ({ file, tag, seconds, args }) => [
      ['buildah', 'build', `--timestamp=${seconds}`, `--tag=${tag}`, ...args, '.'],
      ['buildah', 'push', tag, `oci-archive:${file}:${tag}`],
    ],
  },
  {
    // `docker version` fails without a daemon.
    checks: [
      ['docker', 'version'],
      ['docker', 'buildx', 'version'],
    ],
    commands: ({ file, tag, args }) => [
      [
        ...['docker', 'buildx', 'build', `--tag=${tag}`, ...args, '--provenance=false'],
        `--output=type=oci,dest=${file},rewrite-timestamp=true`,
        '.',
      ],
    ],
  },
];

function succeeds([program, ...args]) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

function runOrThrow([program, ...args]) {
  const { status, error } = spawnSync(program, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    throw new Error(`${program} ${args[0]} failed${error ? `: ${error.message}` : ''}`);
  }
}
