/** The buckets of distances of a position bias: what configurations say of them. */

export interface BucketFields {
  readonly num_buckets: number;
  readonly max_bucket_distance: number;
}

/** Distances below it, on one side, have a bucket each; half of the buckets are for each side. */
export const exactDistances = ({ num_buckets }: BucketFields): number =>
  Math.floor(Math.floor(num_buckets / 2) / 2);
