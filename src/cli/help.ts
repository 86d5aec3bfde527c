/** What `unispeech --help` prints. */
export const HELP = `Speech recognition, audio classification, speakers and features of speech with models of the wav2vec 2.0 family on WebGPU.

Usage
  unispeech transcribe FILE... --model DIR   print what is said in audio files
  unispeech align AUDIO TEXT --model DIR     print when each word of a text is said in an audio file
  unispeech phones FILE... --model DIR       print the phonemes of audio files with their times, or visemes
  unispeech pronounce AUDIO EXPECTED --model DIR
                                             score how something is pronounced, phoneme by phoneme
  unispeech classify FILE... --model DIR     print which of a model's classes audio files belong to
  unispeech diarize FILE... --model DIR      print who speaks when in audio files
  unispeech verify FILE FILE --model DIR     tell whether two audio files are of one speaker
  unispeech embed FILE... --model DIR --out FILE
                                             write features of audio files as arrays
  unispeech score REF HYP                    print the error rate of texts: words, characters or phonemes
  unispeech doctor [MODEL]                   show the adapter and test every kernel on it; or say what a model is, and
                                             whether it runs here
  unispeech quantize IN OUT --dtype TYPE     write a model with smaller weights
  unispeech convert IN OUT                   write a model with its weights as safetensors
  unispeech profile [FILE] --model DIR       show how long each kernel of a forward pass takes
  unispeech tune --model DIR                 measure which variants of a model's kernels are fastest here
  unispeech cache [delete ID]                list the models that were downloaded from Hugging Face, or delete one

transcribe
  FILE                     a path, a URL, or - for standard input: WAV, AIFF, FLAC, MP3, Ogg Vorbis, Ogg Opus,
                           and every format that ffmpeg reads, if it is installed; or a folder: its files with an ending of
                           audio or video, in the order of their names, without names that begin with a dot
      --recursive          also the folders in a folder
      --out DIR            write results to files instead of printing them: those of FOLDER/sub/talk.mp3 and of
                           FOLDER/sub/talk.wav are DIR/sub/talk.mp3.txt and DIR/sub/talk.wav.txt. Files run in batches, in
                           any order. Two files whose results would have one name are an error before any work
      --resume             skip files that have all their results in DIR; without it results that exist are an error
                           before any work
  -m, --model DIR          Hugging Face id, folder or URL of a model
      --dtype TYPE         weights on the GPU: fp32, fp16, q8, q4 (default fp32, or the dtype of a quantized folder)
      --lang NAME          language of a multilingual model (MMS), by the name of its adapter file, such as fra
      --timestamps UNIT    also print the time of each "word" or "char"
      --chunk SECONDS      length of the overlapping pieces that long audio is cut into: by default up to 30 seconds, as the
                           adapter's memory and the model's attention allow, which is said on standard error where audio is
                           cut, and in JSON (chunk_length_s); 0 means one piece, however long
      --cut RULE           where one piece ends and the next begins: quiet (default), in the quietest place of their overlap;
                           fixed, in its middle, as transformers does
      --lm FILE            search for the likeliest text with a language model: an ARPA file (also with gzip) or a KenLM
                           binary. A model that comes with one uses it without this; none takes the likeliest letters
      --unigrams FILE      the words of the language, one a line: a KenLM binary needs them, an ARPA file has them
      --alpha, --beta NUMBER
                           weight of the language model (default 0.5), and what each word adds (default 1.5)
      --beam-width N       how many beginnings are kept (default 100)
      --hotwords LIST      words that are likelier, with commas between them, as the model writes them
      --hotword-weight N   what each of them adds (default 10)
      --max-duration SECONDS
                           refuse longer files (default: any length; 14400, four hours, where a file runs whole, as
                           with --chunk 0 and in the commands below)
      --format FORMAT      txt or text (default); json (one object a line for each file); captions: srt or vtt; times of
                           words: textgrid (Praat), ctm (NIST), audacity (labels), eaf (ELAN). What is printed is of one
                           FILE, but for txt, json and ctm; with --out FORMAT may be a list, such as txt,json,srt
      --karaoke            with vtt: the time of each word in the captions
      --confidence         with json or ctm: how sure the model is of the text, and of words or characters with times, 0 to 1
      --logprobs           with json: the natural logarithm of the probability of each token
      --temperature T      divides the logits before probabilities are taken of them; above 1 for models that are too sure
      --json               the same as --format json

  Captions have at most two lines of 42 characters, last at most 7 seconds, and end with a sentence and at a pause of 0.7
  seconds. Models of phonemes give captions and times of phonemes.

  With --out a file of results gets its name when it is whole, so Ctrl-C leaves no half ones. A terminal shows how far it is
  and how long it will take, and a summary comes at the end, both on standard error.

align
  AUDIO                    as FILE for transcribe
  TEXT                     a file with what is said, in UTF-8, or - for standard input; for models of phonemes the phonemes with
                           spaces between them, and | between words
  -m, --model DIR, --dtype, --lang, --chunk, --max-duration
                           as for transcribe
      --format FORMAT      text (default: start, end, score, word), json, srt, vtt, textgrid (tiers of words, characters or
                           phones, and utterances), ctm, audacity, eaf
      --karaoke, --json    as for transcribe
      --out FILE           write FILE instead of printing
      --boundaries RULE    edges of words: frames (of the model's tokens), extended (default: these and at most 80 ms of the gap
                           between words), audio (at the pauses that are heard)
      --utterances UNIT    what belongs together: sentences (default), or lines of the text
      --star PLACES        where there may be speech that the text lacks: none (default), edges, utterances (between all)
      --unknown WHAT       letters and digits that the model has no token for: star (default: any sound), skip, error
      --lexicon FILE       for models of phonemes: a word and its phonemes on each line

phones
  FILE                     as for transcribe
  -m, --model DIR          a model of phonemes
      --dtype, --chunk, --max-duration
                           as for transcribe
      --format FORMAT      text (default: start, end, score, phoneme), json, srt, vtt, textgrid, ctm, audacity, eaf
      --visemes            also the shapes of the mouth (15, with Oculus' names), with text, json or textgrid
      --temperature T      as for transcribe
      --json               the same as --format json

pronounce
  AUDIO                    as FILE for transcribe
  EXPECTED                 phonemes with spaces between them, and | between words, in quotes; with --lexicon words
  -m, --model DIR          a model of phonemes
      --dtype, --max-duration, --temperature
                           as for transcribe
      --lexicon FILE       how words are pronounced: a word and its phonemes on each line
      --format FORMAT      text (default: start, end, score from 0 to 1, goodness, phoneme, what was heard instead), json,
                           textgrid
      --features           with json: for each phoneme also what regressions on human scores use
      --json               the same as --format json

classify
  FILE                     as for transcribe; DIR needs preprocessor_config.json, and no vocab.json
  -m, --model DIR          a model with a classification head
      --dtype, --max-duration
                           as for transcribe
      --top-k N            print the N likeliest labels (default 5; of a model of intents the likeliest action, object
                           and location)
      --function NAME      what makes scores of logits: softmax (default), sigmoid (classes that do not exclude each
                           other), none
      --json               print one object a line for each file

diarize
  FILE                     as for transcribe; DIR needs preprocessor_config.json, and no vocab.json
  -m, --model DIR          a model that classifies frames (ForAudioFrameClassification): its classes are the speakers
      --dtype, --max-duration
                           as for transcribe
      --threshold P        a speaker speaks in the frames of a larger probability (default 0.5)
      --min-duration SECONDS
                           leave shorter segments out, after gaps are closed
      --min-gap SECONDS    close shorter gaps between segments of one speaker
      --format FORMAT      text (default: start, end, probability, speaker), json (one object a line for each file), rttm
                           (NIST's format: all files together, each under its name without the ending)
      --json, --rttm       the same as --format json, --format rttm

  Files run whole, as the speakers of two pieces could not be told to be the same. One that does not fit the adapter's
  memory is an error.

verify
  FILE FILE                as for transcribe; DIR needs preprocessor_config.json, and no vocab.json
  -m, --model DIR          a model of speakers (ForXVector)
      --dtype, --max-duration
                           as for transcribe
      --threshold COSINE   the least similarity of one speaker (default 0.86; the best value depends on the model)
      --json               print the similarity, the verdict and the threshold as JSON

  Exit codes as in cmp: 0 one speaker, 1 different speakers, 2 wrong usage or something failed.

embed
  FILE                     as for transcribe
  -m, --model DIR          any model; DIR needs preprocessor_config.json, and no vocab.json
      --dtype, --max-duration
                           as for transcribe
      --out FILE           the file to make. NAME.npy (float32) holds the frames of one file, or with --pooling mean one
                           row for each file in their order. NAME.safetensors holds a tensor for each file, under its name
      --pooling mean       the mean over the frames of a file instead of every frame
      --speaker            the embedding of the speaker of each file: one row a file. Without --pooling a model of
                           speakers (ForXVector) gives it by itself
      --normalize          scale every vector to a length of 1

  If a file cannot be read, nothing is written. An older FILE is replaced when the new one is complete.

score
  REF HYP                  what was said, and what was recognised: text in UTF-8, an utterance a line, or - for standard input.
                           Case and marks count
      --unit UNIT          word (default), char (with the spaces between words) or phoneme (divided by spaces)
      --keyed              lines begin with the name of their utterance, as in Kaldi, and may be in any order
      --show alignment     also each utterance, with S, D and I below what was substituted, deleted and inserted
      --json               print the counts and rates as JSON; with --show alignment each utterance, too

  Counts, rates and alignments are those of jiwer.

doctor
  MODEL                    Hugging Face id, folder or URL: its type, class, task, languages, labels, sizes and fit are told,
                           and no weights are downloaded
      --json               print the report as JSON

quantize
  IN OUT                   folder of a model, and the folder to make
      --dtype TYPE         fp16 (half the size), q8 (about a quarter) or q4 (about an eighth)

convert
  IN OUT                   folder of a model, with safetensors or pytorch_model.bin in one file or shards, and the folder
                           to make
      --dtype TYPE         fp32 or fp16 for all weights (default: each stays as it is)

profile
  FILE                     audio, a path or URL; without one the input is noise
  -m, --model DIR          as for transcribe
      --dtype TYPE         as for transcribe
      --seconds N          length of the noise (default 5)
      --chunk SECONDS      recognise the whole FILE in pieces of this length, as transcribe does, and show how long the
                           adapter had nothing to do
      --trace FILE         also write a trace for https://ui.perfetto.dev or chrome://tracing: a span for every kernel,
                           with its bytes and operations, and the host's activities
      --json               print the profile as JSON, with every step

  One pass warms up, the next is timed. GFLOP counts a multiply-add as two; MB is what a kernel must read and write
  at least once. To be timed each kernel gets a compute pass of its own, so together they may take a little longer than
  a usual run. On an adapter without GPU timestamps the work is printed without times, no trace is written, and the
  exit code is 1. In a page the same spans appear in DevTools through unispeech-webgpu/profile; Chromium rounds them
  to 100 microseconds, Node does not.

tune
  -m, --model DIR          as for transcribe
      --dtype TYPE         as for transcribe

  Measures every variant of the matrix product on the sizes of the model, at 1, 5 and 15 seconds, and keeps the fastest in the
  user's folder for caches (or UNISPEECH_CACHE) for all later loads on this adapter. A variant other than the static
  choice is taken where it is at least 5 % faster; it may change the last bits of results.

cache
      --json               print the list as JSON
  -y, --yes                delete without a question, which only a terminal can answer

  The folder is that of Python's huggingface_hub (HF_HUB_CACHE, or hub in HF_HOME), and other programs may use its models.

  -h, --help               print this help
  -V, --version            print the version

Exit codes: 0 done, 1 something failed (other files still go on), 2 wrong usage, 130 interrupted.
`;
