"""Parity cases for the wav2vec2 family: for each case a model folder (config.json, model.safetensors, further files where the
case needs them), inputs.safetensors, and what transformers computes from them (expected.safetensors; float32, eager attention).

    python test/reference/family_goldens.py OUT SEED SCALE [--only NAME,NAME]

SEED draws weights, audio, labels and the options of every case (norms, kernels, activations, widths); SCALE multiplies widths and
clip lengths. Everything in inputs and expected is float32, labels, ids and indices included.

Keys of expected.safetensors: fields of the class's output (`logits`, `hidden_states.0`, `attentions.0`, `embeddings`, …; `loss`,
`contrastive_loss` and `diversity_loss` come from the labels and indices in inputs.safetensors). With a colon, further values:
`base:` what the base model alone returns, `classic:` with the last hidden state as before transformers 5.17 (normalised),
`LANG:` after the adapter of that language was loaded.
"""
import json, math, os, sys, warnings, zlib
import numpy as np
import torch
import transformers as T
from safetensors.torch import save_file

torch.set_num_threads(1)
warnings.filterwarnings('ignore')
T.logging.set_verbosity_error()


# ---- audio, weights, files -------------------------------------------------------------------------------------------------
def audio(n, g):
    t = torch.arange(n) / 16000
    f = 90 + 60 * torch.rand(1, generator=g)
    x = sum(torch.sin(2 * math.pi * f * k * t + k) / k for k in range(1, 9)) * (0.3 + 0.7 * torch.sin(2 * math.pi * 2.7 * t) ** 2)
    return (x + 0.1 * torch.randn(n, generator=g)).float()


def batch(lens, g, do_normalize=True):
    n = max(lens)
    X, M = torch.zeros(len(lens), n), torch.zeros(len(lens), n, dtype=torch.long)
    for i, l in enumerate(lens):
        x = audio(l, g)
        X[i, :l] = (x - x.mean()) / torch.sqrt(x.var(unbiased=False) + 1e-7) if do_normalize else 0.2 * x
        M[i, :l] = 1
    return X, M


def randomise(m, g):
    rand, randn = (lambda p: torch.rand(p.shape, generator=g)), (lambda p: torch.randn(p.shape, generator=g))
    with torch.no_grad():
        for k, p in m.named_parameters():
            if 'norm' in k and k.endswith('weight'): p.copy_(1 + 0.2 * randn(p))
            elif k.endswith('bias'): p.copy_(0.1 * randn(p))
            elif 'original0' in k: p.copy_(0.5 + rand(p))
            elif 'gru_rel_pos_const' in k: p.copy_(1 + 0.5 * randn(p))
            elif 'masked_spec_embed' in k: p.copy_(rand(p))
            elif k == 'layer_weights': p.copy_(0.7 * randn(p))
            elif 'rel_attn_embed' in k: p.copy_(randn(p))
            elif p.dim() >= 2: p.copy_(randn(p) / math.sqrt(p[0].numel()))
        for k, b in m.named_buffers():
            if k.endswith('running_mean'): b.copy_(0.4 * randn(b))
            elif k.endswith('running_var'): b.copy_(0.5 + rand(b))


def f32(t):
    t = t.detach().float().contiguous().clone()
    return t if t.dim() else t.reshape(1)


def flat(o, prefix=''):
    r = {}
    for k, v in o.items():
        if isinstance(v, (tuple, list)):
            r.update({f'{prefix}{k}.{i}': f32(t) for i, t in enumerate(v) if t is not None})
        elif torch.is_tensor(v): r[prefix + k] = f32(v)
    return r


def old_names(sd):
    return {k.replace('parametrizations.weight.original0', 'weight_g').replace('parametrizations.weight.original1', 'weight_v'): v for k, v in sd.items()}


# ---- options ---------------------------------------------------------------------------------------------------------------
class Options:
    """Draws the options of one case."""

    def __init__(self, seed, name, scale):
        self.rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
        self.g = torch.Generator().manual_seed(int(self.rng.integers(1 << 31)))
        self.scale = scale

    def pick(self, *xs): return xs[int(self.rng.integers(len(xs)))]

    def n(self, x): return max(1, round(x * self.scale))

    def samples(self, *xs): return [int(self.n(x) + self.rng.integers(0, 97)) for x in xs]

    def front(self, kind=None):
        """A convolution stack: the real one (320 samples a frame), one of 24 or one of 40."""
        kind = kind or self.pick('real', 'short', 'middle')
        c = [self.n(self.pick(20, 24, 28, 17)) for _ in range(7)]
        if kind == 'real': return dict(conv_dim=c)
        if kind == 'short': return dict(conv_dim=c[:3], conv_stride=[4, 3, 2], conv_kernel=[9, 5, 4])
        return dict(conv_dim=c[:4], conv_stride=[5, 2, 2, 2], conv_kernel=[10, 3, 3, 2])

    def common(self, front=None, stable=None, layers=2):
        heads, size = self.pick(2, 3, 4), self.n(self.pick(8, 12, 9, 16))
        hidden = heads * size
        groups = self.pick(*[x for x in range(1, 9) if hidden % x == 0 and hidden // x <= 24])
        o = dict(vocab_size=int(self.rng.integers(19, 41)), hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=heads,
                 intermediate_size=self.n(self.pick(56, 72, 41)), hidden_act=self.pick('gelu', 'gelu', 'relu', 'gelu_new', 'silu'),
                 feat_extract_activation=self.pick('gelu', 'gelu', 'gelu', 'relu'), layer_norm_eps=self.pick(1e-5, 1e-5, 1e-3),
                 num_conv_pos_embeddings=self.pick(32, 24, 17, 64), num_conv_pos_embedding_groups=groups,
                 ctc_loss_reduction=self.pick('mean', 'sum'), conv_bias=self.pick(True, False), **self.front(front))
        o['pad_token_id'] = self.pick(0, o['vocab_size'] - 2, 5)
        if stable is not None: o['do_stable_layer_norm'] = stable
        return o


def labels_for(m, X, M, o, vocab, blank):
    """CTC targets that fit: about a third of a row's frames, -100 behind them."""
    lens = m._get_feat_extract_output_lengths((M if M is not None else torch.ones_like(X, dtype=torch.long)).sum(-1)).tolist()
    counts = [max(1, min(12, int(l) // 3)) for l in lens]
    ids = [i for i in range(vocab) if i != blank]
    L = torch.full((len(lens), max(counts)), -100, dtype=torch.long)
    for r, c in enumerate(counts): L[r, :c] = torch.tensor([ids[int(o.rng.integers(len(ids)))] for _ in range(c)])
    return L


# ---- cases -----------------------------------------------------------------------------------------------------------------
TDNN = dict(tdnn_kernel=[5, 3, 3, 1, 1], tdnn_dilation=[1, 2, 3, 1, 1])
tdnn = lambda o: dict(tdnn_dim=[o.n(24), o.n(24), o.n(20), o.n(24), o.n(40)], xvector_output_dim=o.n(o.pick(16, 20, 27)), **TDNN)
CASES = {}


def case(name, cls, lens, mask=True, **kw):
    def add(make): CASES[name] = dict(cls=cls, lens=lens, mask=mask, make=make, **kw)
    return add


W = 'Wav2Vec2'
case('w2v2_a_ctc_group_postnorm', W + 'ForCTC', [16000], mask=False, old=True)(lambda o: dict(o.common('real', False), feat_extract_norm='group', ctc_loss_reduction='sum', num_conv_pos_embeddings=128))
case('w2v2_b_ctc_layer_stable_batch', W + 'ForCTC', [8100, 4100, 6500], classic=True)(lambda o: dict(o.common('real', True, 3), feat_extract_norm='layer', conv_bias=True))
case('w2v2_c_ctc_attn_adapter_langs', W + 'ForCTC', [2200, 1300], langs=True, old=True)(lambda o: dict(o.common('middle', True), feat_extract_norm='layer', conv_bias=True, adapter_attn_dim=o.pick(6, 8, 5)))
case('w2v2_d_ctc_add_adapter', W + 'ForCTC', [2600, 1700])(lambda o: (lambda c: dict(c, feat_extract_norm='layer', add_adapter=True, output_hidden_size=c['hidden_size'] - o.pick(4, 5, 7), num_adapter_layers=o.pick(2, 3), adapter_stride=o.pick(2, 2, 3)))(o.common('middle', True)))
case('w2v2_e_base_add_adapter_same_width', W + 'Model', [2600], mask=False)(lambda o: dict(o.common('middle', False), add_adapter=True, num_adapter_layers=o.pick(1, 2), adapter_kernel_size=o.pick(3, 4, 2)))
case('w2v2_f_seqcls_weighted_stable', W + 'ForSequenceClassification', [5000, 8123], classic=True)(lambda o: dict(o.common('real', True), feat_extract_norm='layer', use_weighted_layer_sum=True, num_labels=o.pick(5, 4, 7), classifier_proj_size=o.n(o.pick(20, 23))))
case('w2v2_g_seqcls_plain_group', W + 'ForSequenceClassification', [7000], mask=False)(lambda o: dict(o.common('real', False), feat_extract_norm='group', num_labels=3, classifier_proj_size=o.n(24)))
case('w2v2_h_frames_weighted', W + 'ForAudioFrameClassification', [1500, 2400], classic=True)(lambda o: dict(o.common('middle', o.pick(True, False)), feat_extract_norm='layer', use_weighted_layer_sum=True, num_labels=o.pick(2, 3)))
case('w2v2_i_xvector_batch', W + 'ForXVector', [2300, 1500, 1811])(lambda o: dict(o.common('middle', False), feat_extract_norm='layer', num_labels=6, **tdnn(o)))
case('w2v2_j_xvector_weighted', W + 'ForXVector', [1900], mask=False, classic=True)(lambda o: dict(o.common('middle', True), feat_extract_norm='layer', use_weighted_layer_sum=True, num_labels=4, **tdnn(o)))
case('w2v2_k_pretraining', W + 'ForPreTraining', [2100, 1500], pretraining=True)(lambda o: dict(o.common('middle', o.pick(True, False)), feat_extract_norm='layer', num_codevectors_per_group=o.n(12), num_codevector_groups=2, codevector_dim=2 * o.n(9), proj_codevector_dim=o.n(14), num_negatives=5, mask_time_prob=0.3, mask_time_length=3))
case('hubert_a_ctc_group_postnorm', 'HubertForCTC', [6500], mask=False)(lambda o: dict(o.common('real', False), feat_extract_norm='group'))
case('hubert_b_ctc_stable_batch_no_feature_norm', 'HubertForCTC', [4500, 7300], old=True, classic=True)(lambda o: dict(o.common('real', True), feat_extract_norm='layer', feat_proj_layer_norm=False))
case('hubert_c_ctc_pos_batch_norm', 'HubertForCTC', [2100, 1300])(lambda o: dict(o.common('middle', False), feat_extract_norm='layer', conv_pos_batch_norm=True))
case('hubert_d_seqcls_weighted_stable', 'HubertForSequenceClassification', [1700, 2100], classic=True)(lambda o: dict(o.common('middle', True), feat_extract_norm='layer', use_weighted_layer_sum=True, num_labels=4, classifier_proj_size=o.n(20)))
buckets = lambda o: dict(num_buckets=o.pick(16, 20, 24), max_bucket_distance=o.pick(24, 30, 40))
case('wavlm_a_ctc_postnorm', 'WavLMForCTC', [8000], mask=False)(lambda o: dict(o.common('real', False), feat_extract_norm='group', **buckets(o)))
case('wavlm_b_ctc_stable_batch', 'WavLMForCTC', [2100, 1200, 1700], old=True, classic=True)(lambda o: dict(o.common('middle', True, 3), feat_extract_norm='layer', **buckets(o)))
case('wavlm_c_xvector_weighted_batch', 'WavLMForXVector', [1500, 2100])(lambda o: dict(o.common('middle', False), feat_extract_norm='group', use_weighted_layer_sum=True, num_labels=3, **tdnn(o), **buckets(o)))
case('wavlm_d_base_default_buckets_long', 'WavLMModel', [5600], mask=False, attentions=False)(lambda o: dict(o.common('short', o.pick(True, False)), num_buckets=320, max_bucket_distance=800))
case('wavlm_e_frames', 'WavLMForAudioFrameClassification', [2000], mask=False)(lambda o: dict(o.common('middle', False), feat_extract_norm='group', num_labels=2, **buckets(o)))
case('wavlm_f_seqcls_weighted_stable', 'WavLMForSequenceClassification', [1700, 2200], classic=True)(lambda o: dict(o.common('middle', True), feat_extract_norm='layer', use_weighted_layer_sum=True, num_labels=4, classifier_proj_size=o.n(20), **buckets(o)))
case('wavlm_g_ctc_add_adapter', 'WavLMForCTC', [2000])(lambda o: dict(o.common('middle', True), feat_extract_norm='layer', add_adapter=True, num_adapter_layers=2, **buckets(o)))
case('sat_a_ctc_stable_batch', 'UniSpeechSatForCTC', [2200, 1500], old=True, classic=True)(lambda o: dict(o.common('middle', True), feat_extract_norm='layer', mask_time_prob=0.0))
case('sat_b_xvector', 'UniSpeechSatForXVector', [2200, 1700])(lambda o: dict(o.common('middle', False), feat_extract_norm='group', num_labels=3, **tdnn(o)))
case('sat_c_frames', 'UniSpeechSatForAudioFrameClassification', [1900], mask=False)(lambda o: dict(o.common('middle', False), feat_extract_norm='group', num_labels=2))
d2v = lambda o, c: dict({k: v for k, v in c.items() if k != 'num_conv_pos_embeddings'}, num_conv_pos_embeddings=o.pick(3, 5, 2), conv_pos_kernel_size=o.pick(19, 9, 8))
case('d2v_a_ctc_batch', 'Data2VecAudioForCTC', [5000, 7700])(lambda o: dict(d2v(o, o.common('real')), num_conv_pos_embeddings=5, conv_pos_kernel_size=19))
case('d2v_b_seqcls_weighted', 'Data2VecAudioForSequenceClassification', [2100, 1400])(lambda o: dict(d2v(o, o.common('middle')), use_weighted_layer_sum=True, num_labels=4, classifier_proj_size=o.n(20)))
case('d2v_c_xvector', 'Data2VecAudioForXVector', [2100], mask=False)(lambda o: dict(d2v(o, o.common('middle')), num_labels=3, **tdnn(o)))
case('sew_a_ctc_batch', 'SEWForCTC', [2300, 1450])(lambda o: dict(o.common('middle'), feat_extract_norm=o.pick('group', 'layer'), squeeze_factor=o.pick(2, 3)))
case('sew_b_seqcls', 'SEWForSequenceClassification', [2000], mask=False)(lambda o: (lambda c: dict(c, feat_extract_norm='group', conv_dim=c['conv_dim'][:-1] + [c['hidden_size']], num_labels=3, classifier_proj_size=o.n(20)))(o.common('middle')))

CONFIG = {W: T.Wav2Vec2Config, 'Hubert': T.HubertConfig, 'WavLM': T.WavLMConfig, 'UniSpeechSat': T.UniSpeechSatConfig, 'Data2VecAudio': T.Data2VecAudioConfig, 'SEW': T.SEWConfig}
LETTERS = '|eatoinshrdlumwcfgypbvkxjqz\u00e9\u00fc\u00f1\u0153\u0251'


def languages(d, m, o, inputs, expected):
    """Per-language adapter files and a nested vocabulary; expected values of each language under `LANG:`."""
    own = m._get_adapters()
    nested = {}
    tokens = lambda n: ['<pad>', '<s>', '</s>', '<unk>', *LETTERS][:n]
    nested['eng'] = {t: i for i, t in enumerate(tokens(m.config.vocab_size))}
    for lang, form in (('fra', 'safetensors'), ('deu-script_latin', 'safetensors'), ('ita', 'bin')):
        n = m.config.vocab_size + o.pick(-3, 2, 4) if lang != 'ita' else m.config.vocab_size
        sd = {}
        for k, p in own.items():
            shape = [n, *p.shape[1:]] if k.startswith('lm_head') else list(p.shape)
            t = torch.randn(shape, generator=o.g)
            sd[k] = 1 + 0.2 * t if k.endswith('norm.weight') else 0.1 * t if k.endswith('bias') else t / math.sqrt(shape[-1])
        nested[lang] = {t: i for i, t in enumerate(tokens(n))}
        if form == 'bin': torch.save(sd, f'{d}/adapter.{lang}.bin')
        else: save_file({k: v.contiguous() for k, v in sd.items()}, f'{d}/adapter.{lang}.safetensors', metadata={'format': 'pt'})
    json.dump(nested, open(f'{d}/vocab.json', 'w'), ensure_ascii=False, indent=1)
    json.dump(dict(tokenizer_class='Wav2Vec2CTCTokenizer', target_lang='eng', pad_token='<pad>', bos_token='<s>', eos_token='</s>', unk_token='<unk>', word_delimiter_token='|'), open(f'{d}/tokenizer_config.json', 'w'))
    m.config._name_or_path = d
    for lang in nested:
        if lang == 'eng': continue
        m.load_adapter(lang)
        with torch.no_grad(): expected[f'{lang}:logits'] = f32(m(**inputs).logits)


def make_case(name, c, out, seed, scale):
    o = Options(seed, name, scale)
    family = max((f for f in CONFIG if c['cls'].startswith(f)), key=len)
    config = CONFIG[family](**c['make'](o))
    cls = getattr(T, c['cls'])
    torch.manual_seed(int(o.rng.integers(1 << 31)))
    m = cls._from_config(config, attn_implementation='eager').eval()
    randomise(m, o.g)
    X, M = batch(o.samples(*c['lens']), o.g, family not in ('WavLM', 'UniSpeechSat'))
    M = M if c['mask'] else None
    inputs = dict(input_values=X, **({'attention_mask': M} if M is not None else {}))
    files = dict(inputs)
    if c['cls'].endswith('ForCTC'): files['labels'] = labels_for(m, X, M, o, config.vocab_size, config.pad_token_id)
    if c['cls'].endswith(('ForSequenceClassification', 'ForXVector')): files['labels'] = torch.tensor([int(o.rng.integers(config.num_labels)) for _ in X])
    frames = int(m._get_feat_extract_output_lengths(X.shape[1]))
    if c['cls'].endswith('ForAudioFrameClassification'):
        files['labels'] = torch.nn.functional.one_hot(torch.from_numpy(o.rng.integers(0, config.num_labels, (len(X), frames))), config.num_labels)
    if c.get('pretraining'):
        from transformers.models.wav2vec2.modeling_wav2vec2 import _compute_mask_indices, _sample_negative_indices
        np.random.seed(int(o.rng.integers(1 << 31)))
        sub = m._get_feature_vector_attention_mask(frames, M)
        mask = _compute_mask_indices((len(X), frames), config.mask_time_prob, config.mask_time_length, attention_mask=sub, min_masks=2)
        files['mask_time_indices'] = torch.from_numpy(mask)
        files['sampled_negative_indices'] = torch.from_numpy(_sample_negative_indices((len(X), frames), config.num_negatives, mask)).long()
    extra = {k: v for k, v in files.items() if k not in inputs}
    expected = {}
    with torch.no_grad():
        expected.update(flat(m(**inputs, **extra, output_hidden_states=True, output_attentions=c.get('attentions', True))))
        if c['cls'].endswith('ForCTC'):
            base = getattr(m, m.base_model_prefix)(**inputs)
            if 'extract_features' in base: expected['base:extract_features'] = f32(base.extract_features)
            expected['base:last_hidden_state'] = f32(base.last_hidden_state)
        if c.get('classic') and getattr(config, 'do_stable_layer_norm', False):
            m.config.tie_last_hidden_states = True      # the convention before transformers 5.18: the last entry is the normalised one
            r = m(**inputs, output_hidden_states=True)
            expected['classic:logits'] = f32(r.logits)
            expected[f'classic:hidden_states.{config.num_hidden_layers}'] = f32(r.hidden_states[-1])
            del m.config.tie_last_hidden_states
    d = f'{out}/{name}'
    os.makedirs(d, exist_ok=True)
    sd = {k: v.detach().clone().contiguous() for k, v in m.state_dict().items()}
    save_file(old_names(sd) if c.get('old') else sd, f'{d}/model.safetensors', metadata={'format': 'pt'})
    cj = json.loads(m.config.to_json_string())
    cj.update(architectures=[c['cls']], model_type=config.model_type)
    if c.get('langs'):
        with torch.no_grad(): languages(d, m, o, inputs, expected)
    json.dump(cj, open(f'{d}/config.json', 'w'), indent=1)
    save_file({k: v.float().contiguous() for k, v in files.items()}, f'{d}/inputs.safetensors')
    save_file(expected, f'{d}/expected.safetensors')
    size = sum(os.path.getsize(f'{d}/{f}') for f in os.listdir(d))
    bad = [k for k, v in expected.items() if not torch.isfinite(v).all()]
    print(f'{name:42s} {size/1024:7.0f} KB ', {k: tuple(v.shape) for k, v in expected.items() if '.' not in k}, 'NOT FINITE: ' + str(bad) if bad else '')
    return size


if __name__ == '__main__':
    out, seed, scale = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    only = sys.argv[sys.argv.index('--only') + 1].split(',') if '--only' in sys.argv else None
    total = sum(make_case(n, c, out, seed, scale) for n, c in CASES.items() if not only or n in only)
    print(f'{total/1e6:.2f} MB')
