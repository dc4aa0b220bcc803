import { type FileHandle, rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  agentNamed,
  ENV,
  MOST_RESULTS_BYTES,
  PATHS,
  REPOSITORY,
  type ResultsFile,
  type ResultsFileName,
  type ResultsListing,
  type ResultsRequest,
  VOLUME,
} from '@agentteam/contract';
import {
  type DetailSource,
  readDetail,
  readResultBranches,
  readTranscript,
  resultDiffs,
  type TeamDetail,
  type TranscriptPage,
  VolumeReader,
  type VolumeReading,
  type VolumeSource,
} from '@agentteam/detail';
import { deltaOf } from '@agentteam/detail/delta';
import { digestOf, isSafeName, listSizedFiles, openResult, RefusedError } from '@agentteam/volume';
import { git } from '../git/run.ts';
import { exists } from '../step/exists.ts';
import { StepFailure } from '../step/failure.ts';
import { mounted } from '../step/mounted.ts';

/** Thrown for a request that cannot be answered. Its message is a sentence for the person who asks. */
export class ResultsRefusal extends Error {
  override readonly name = 'ResultsRefusal';
}

/** Reads the volumes of a team. Nothing that an agent wrote is followed, executed or kept open. */
export class ResultsReader {
  readonly #root: string;
  readonly #signal: AbortSignal;
  readonly #volume = new VolumeReader();
  /** What the person's program has. */
  #followed: VolumeReading | undefined;

  constructor(env: NodeJS.ProcessEnv, signal: AbortSignal) {
    this.#root = env[ENV.root] ?? '';
    this.#signal = signal;
  }

  /** @throws ResultsRefusal */
  async answer(request: ResultsRequest): Promise<Buffer> {
    switch (request.kind) {
      case 'list':
        return json(await this.#list());
      case 'open':
        return json(await this.#withFile(request.file, describe));
      case 'read': {
        const { offset, length } = request;
        return this.#withFile(request.file, (file) => part(file, offset, length));
      }
      case 'detail':
        return json(await this.#detail(request.source as DetailSource));
      case 'follow':
        return this.#follow(request.source as VolumeSource);
      case 'transcript':
        return json(await this.#transcript(request));
      default:
        throw new ResultsRefusal(
          'this image does not know the request; use an image of the same release as the CLI',
        );
    }
  }

  async #list(): Promise<ResultsListing> {
    const output = await this.#output();
    const listing = output === undefined ? NO_FILES : await listSizedFiles(output);
    const branches = await readResultBranches(await this.#repository());
    return { ...listing, ...(branches?.result !== undefined && { branch: branches.result }) };
  }

  async #withFile<T>(name: ResultsFileName, work: (file: FileHandle) => Promise<T>): Promise<T> {
    const shown = 'path' in name ? name.path : 'the bundle of the result';
    const file = await this.#open(name).catch((error: unknown) => {
      if (error instanceof RefusedError) throw new ResultsRefusal(`${shown} ${error.why}`);
      throw error;
    });
    if (file === undefined) throw new ResultsRefusal(`${shown} has disappeared`);
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  }

  async #open(name: ResultsFileName): Promise<FileHandle | undefined> {
    if ('bundle' in name) return openResult(...(await this.#bundle()));
    const output = await this.#output();
    return output === undefined ? undefined : openResult(output, name.path);
  }

  /** Writes the bundle once for the life of the pod, so that an interrupted transfer can continue. */
  async #bundle(): Promise<readonly [directory: string, name: string]> {
    const directory = await mounted(this.#root, '/tmp');
    const repository = await this.#repository();
    const branch = (await readResultBranches(repository))?.result;
    if (branch === undefined) throw new ResultsRefusal('the team has no result branch');
    if (!(await exists(join(directory, BUNDLE)))) {
      const unfinished = join(directory, `.${BUNDLE}`);
      // One thread packs the same bytes again, so that a transfer from an earlier pod can continue.
      const config = { 'pack.threads': '1' };
      const options = { cwd: repository, signal: this.#signal, config };
      try {
        await git(['bundle', 'create', '--quiet', unfinished, `refs/heads/${branch}`], options);
        await git(['bundle', 'verify', '--quiet', unfinished], options);
      } catch (error) {
        if (error instanceof StepFailure) throw new ResultsRefusal(error.message, { cause: error });
        throw error;
      }
      await rename(unfinished, join(directory, BUNDLE));
    }
    return [directory, BUNDLE];
  }

  async #detail(source: DetailSource): Promise<TeamDetail> {
    return readDetail({ ...source, ...(await this.#volumes(source)) });
  }

  async #follow(source: VolumeSource): Promise<Buffer> {
    const reading = await this.#volume.read({ ...source, ...(await this.#volumes(source)) });
    const delta = deltaOf(this.#followed, reading);
    this.#followed = reading;
    return delta === undefined ? Buffer.alloc(0) : json(delta);
  }

  async #transcript({
    agent,
    from,
    limit,
  }: Extract<ResultsRequest, { kind: 'transcript' }>): Promise<TranscriptPage> {
    if (!isSafeName(agent)) throw new ResultsRefusal('the name of the agent is invalid');
    const volume = await mounted(this.#root, PATHS.volume);
    const members = [{ name: agentNamed(agent) }];
    return readTranscript({ volume, members }, agent, { from, limit });
  }

  /** Where the volumes of the team are in this container. */
  async #volumes({
    output,
  }: Pick<VolumeSource, 'output'>): Promise<Pick<VolumeSource, 'volume' | 'output' | 'diffs'>> {
    const directory = output === undefined ? undefined : await this.#output();
    const repository = await this.#repository();
    return {
      volume: await mounted(this.#root, PATHS.volume),
      ...(output !== undefined && {
        output: { place: output.place, ...(directory !== undefined && { directory }) },
      }),
      diffs: () => resultDiffs(repository),
    };
  }

  /** The directory of the results; undefined where the pod has none. */
  async #output(): Promise<string | undefined> {
    const directory = await mounted(this.#root, PATHS.results);
    return (await exists(directory)) ? directory : undefined;
  }

  async #repository(): Promise<string> {
    const volume = await mounted(this.#root, PATHS.volume);
    return join(volume, VOLUME.repository, REPOSITORY.result);
  }
}

const NO_FILES = { files: [], cut: false } as const;
const BUNDLE = 'result.bundle';

async function describe(file: FileHandle): Promise<ResultsFile> {
  return { bytes: (await file.stat()).size, sha256: await digestOf(file) };
}

async function part(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.min(length, MOST_RESULTS_BYTES));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
  return buffer.subarray(0, bytesRead);
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
