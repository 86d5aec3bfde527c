export const ROOT: string;

/** An edit of one source file that at least one of the tests must notice. */
export interface Mutation {
  /** The layer and a name in it: `audio/window-shape`. */
  readonly name: string;
  /** From the root of the repository, as are `tests`. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** One line: what goes wrong for users where no test notices. */
  readonly why: string;
  /** Test files, of which one must fail. */
  readonly tests: readonly string[];
}

export function loadMutations(): Promise<readonly Mutation[]>;
export function countPlaces(mutation: Pick<Mutation, 'file' | 'find'>, root?: string): number;
