import { Failure, usageError } from './failure.ts';

const CHOOSE = 'Choose another file.';

/**
 * Explains why a file that the user named cannot be written.
 * @param file as the user wrote it.
 * @returns the error itself if it is not about the name.
 */
export function writeFailure(file: string, error: NodeJS.ErrnoException): Error {
  switch (error.code) {
    case 'EISDIR':
      return usageError(`${file} is a directory`, CHOOSE);
    case 'ENOENT':
    case 'ENOTDIR':
      return usageError(
        `${file}: its directory does not exist`,
        'Create the directory, or choose another file.',
      );
    case 'ENAMETOOLONG':
      return usageError(`${file}: the name is too long`, CHOOSE);
    case 'ELOOP':
      return usageError(`${file} is a link that leads back to itself`, CHOOSE);
    case 'EACCES':
    case 'EROFS':
      return new Failure(`no permission to write ${file}`, { hint: CHOOSE });
    default:
      return error;
  }
}
