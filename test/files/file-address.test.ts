/** Which parts of a URL name a file, and which grant access to it. */
import { describe, expect, test } from 'vitest';
import { fileAddress, folderAddress, unsigned } from '../../src/files/file-address.ts';

describe('unsigned', () => {
  test.each([
    ['?rev=A', '?rev=A'],
    ['?rev=A&download=true', '?rev=A&download=true'],
    ['', ''],
    // Alone these mean anything.
    ['?expires=1&policy=x&sp=2&sv=3', '?expires=1&policy=x&sp=2&sv=3'],
    // Amazon S3.
    [
      '?X-Amz-Algorithm=AWS4&X-Amz-Credential=k%2Fs3&X-Amz-Date=1&X-Amz-Expires=2&X-Amz-Signature=s&rev=A',
      '?rev=A',
    ],
    ['?AWSAccessKeyId=k&Expires=1&Signature=s%3D', ''],
    // CloudFront, Google Cloud Storage, Azure.
    ['?Policy=p&Signature=s&Key-Pair-Id=k', ''],
    ['?X-Goog-Signature=s&X-Goog-Expires=1&generation=7', '?generation=7'],
    [
      '?sv=2022&st=a&se=b&sr=b&sp=r&spr=https&sig=s&skoid=o&sktid=t&skt=1&ske=2&sks=b&skv=3&snapshot=4',
      '?snapshot=4',
    ],
    ['?token=t&rev=A', '?rev=A'],
    ['?access_token=t', ''],
  ])('%s leaves %j', (query, left) => {
    expect(unsigned(`https://x/m/f${query}`)).toBe(`https://x/m/f${left}`);
  });
});

test('user and password become a header, the fragment goes', () => {
  expect(fileAddress('https://x/m?rev=A#part')).toEqual({ url: 'https://x/m?rev=A' });
  expect(fileAddress('https://me:p%40ss@x/m')).toEqual({
    url: 'https://x/m',
    authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
  });
  expect(fileAddress('https://me@x/m').authorization).toBe(`Basic ${Buffer.from('me:').toString('base64')}`);
  expect(folderAddress('https://x/m?rev=A').url).toBe('https://x/m/?rev=A');
});
