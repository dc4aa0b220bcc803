import { digestOf, listSizedFiles, openResult, RefusedError } from '@agentteam/volume';
import { Failure } from '../failure.ts';
import { PART_BYTES, type ResultFiles } from './result-files.ts';

/** The files of an output directory on this machine. No link is followed. */
export function localFiles(directory: string): ResultFiles {
  return {
    place: directory,
    list: () => listSizedFiles(directory),
    open: async (path) => {
      const file = await openResult(directory, path).catch((cause: unknown) => {
        if (!(cause instanceof RefusedError)) throw cause;
        throw new Failure(`${path} was not copied: ${cause.message}`, { cause });
      });
      if (file === undefined) throw new Failure(`${path} has disappeared`);
      const buffer = Buffer.alloc(PART_BYTES);
      return {
        bytes: (await file.stat()).size,
        sha256: await digestOf(file),
        read: async (offset) => {
          const { bytesRead } = await file.read(buffer, 0, PART_BYTES, offset);
          return buffer.subarray(0, bytesRead);
        },
        close: () => file.close(),
      };
    },
  };
}
