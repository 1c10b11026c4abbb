#!/usr/bin/env python3
"""The commands train, generate and flow, as a person uses them. Prints TAP.

Usage: test_commands.py WEIR
"""
import contextlib
import json
import os
import pathlib
import resource
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys

from harness import WEIR, case, fill, main, no_traces, says, small_disk, weir

NET = """\
data: {kind: text, path: text.txt, seq_len: 10, batch_size: 4}
model:
  - embedding: {embedding_dim: 6}
  - lstm: {hidden_size: 12}
  - dropout: {p: 0.1}
  - linear: {}
train:
  loss: cross_entropy
  optimizer: {adam: {lr: 0.01}}
  clip_grad_norm: {max_norm: 1}
  steps: 40
"""


def same(a, b):
    for name in ('model.safetensors', 'checkpoint.safetensors'):
        assert pathlib.Path(a, name).read_bytes() == pathlib.Path(b, name).read_bytes(), name


def ask(folder, question):
    with contextlib.closing(sqlite3.connect(f'{folder}/run.db')) as db:
        return db.execute(question).fetchone()[0]


def tensors(path):
    """The header of a safetensors file."""
    data = pathlib.Path(path).read_bytes()
    size, = struct.unpack('<Q', data[:8])
    return json.loads(data[8:8 + size])


# --- training ------------------------------------------------------------------------------------

@case
def two_runs_end_with_the_same_bits():
    first = weir('train', 'net.yaml', '-t', '1')
    weir('train', 'net.yaml', '-t', '2')
    same('runs/net-1', 'runs/net-1-2')
    weir('train', 'net.yaml', '--seed', '2')
    assert pathlib.Path('runs/net-1/model.safetensors').read_bytes() != \
        pathlib.Path('runs/net-2/model.safetensors').read_bytes()
    assert 'bits per character' in first.err and 'steps/s' in first.err and 'left' in first.err
    for word in ('  runs/net-1/\n', '    model.safetensors', 'weir generate runs/net-1', 'lstm'):
        assert word in first.out, word
    names = set(tensors('runs/net-1/model.safetensors')) - {'__metadata__'}
    assert names == {'0.weight', '1.weight_ih_l0', '1.weight_hh_l0', '1.bias_ih_l0',
                     '1.bias_hh_l0', '3.weight', '3.bias'}, names


@case
def json_of_a_run():
    done = weir('train', 'net.yaml', '--name', 'j', '--steps', '20', '--json', '-q')
    result = json.loads(done.stdout)
    assert done.err == '', done.err
    assert result['steps'] == 20 and result['run']['folder'] == 'runs/j' and not result['diverged']
    assert result['validation']['step'] == 20 and 0 < result['validation']['bits'] < 8
    for path in result['run'].values():
        assert os.path.exists(path), path
    assert ask('runs/j', 'SELECT count(*) FROM loss') == 20
    assert ask('runs/j', "SELECT value FROM fact WHERE name = 'seed'") == 1


def interrupt(folder, number, *more):
    """Starts a long run, and sends the signal after its first validation."""
    run = subprocess.Popen([WEIR, 'train', 'net.yaml', '-o', folder, '--steps', '3000', *more],
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    for line in run.stderr:
        if b'validation' in line:
            break
    run.send_signal(number)
    rest = run.stderr.read().decode()
    return run.wait(), rest


@case
def ctrl_c_saves_and_resume_goes_on():
    weir('train', 'net.yaml', '-o', 'whole', '--steps', '3000')
    status, words = interrupt('part', signal.SIGINT)
    assert status == 130, status
    assert 'weir train --resume part' in words, words
    stopped = ask('part', 'SELECT count(*) FROM loss')
    assert 300 <= stopped < 3000, stopped
    weir('train', '--resume', 'part', '-t', '1')
    same('whole', 'part')
    for table in ('loss', 'eval', 'sample', 'lag_flow'):
        question = f'SELECT count(*) FROM {table}'
        assert ask('whole', question) == ask('part', question), table
    question = 'SELECT sum(loss * (step + 1)) FROM loss'
    assert ask('whole', question) == ask('part', question)
    status, words = interrupt('ended', signal.SIGTERM)
    assert status == 143 and '--resume ended' in words


@case
def killed_runs_leave_their_last_checkpoint():
    status, _ = interrupt('killed', signal.SIGKILL, '--set', 'train.checkpoint_every=100')
    assert status == -signal.SIGKILL, status
    ask('killed', 'SELECT count(*) FROM loss')
    weir('flow', 'killed')
    weir('train', '--resume', 'killed')
    same('whole', 'killed')
    assert ask('killed', 'SELECT count(*) FROM loss') == 3000


@case
def further_than_planned():
    weir('train', 'net.yaml', '-o', 'short', '--steps', '15')
    weir('train', '--resume', 'short', '--steps', '40')
    same('short', 'runs/net-1')  # no schedule here, so nothing hangs on the number of steps
    assert 'steps: 40' in pathlib.Path('short/config.yaml').read_text()
    again = ' '.join(weir('train', '--resume', 'short').out.split())
    assert 'had all its 40 steps' in again and '--steps N' in again, again
    weir('train', '--resume', 'short', '--steps', '15')  # what was done stays done
    assert 'steps: 40' in pathlib.Path('short/config.yaml').read_text()
    says(weir('train', '--resume', 'short', '--set', 'train.optimizer={adam: {lr: 0.1}}', status=2),
         'another configuration', 'train anew')


@case
def no_step_is_asked_for():
    shown = weir('train', 'net.yaml', '--set', 'train.steps=0', '-o', 'none').out
    assert 'no step was asked for' in shown, shown


@case
def patience_stops_early():
    done = weir('train', 'net.yaml', '-o', 'patient', '--json', '--set', 'train.patience=2',
                '--set', 'train.eval_every=5', '--set', 'train.optimizer={sgd: {lr: 0}}')
    result = json.loads(done.stdout)
    assert result['stopped_early'] and result['steps'] == 15, result


@case
def divergence():
    done = weir('train', 'boom.yaml', '-o', 'boom', status=4)
    assert 'the first number that is not finite' in done.err and 'weir doctor' in done.err, done.err
    weir('flow', 'boom.yaml', '--steps', '60', '-q', status=4)
    result = json.loads(weir('train', 'boom.yaml', '-o', 'boom2', '--json', '-q', status=4).stdout)
    assert result['diverged'] and result['steps'] < 60
    where = result['run']
    assert os.path.exists(where['database']) and where['checkpoint'] is where['model'] is None
    says(weir('train', '--resume', 'boom2', status=3), 'checkpoint.safetensors is missing')


# --- what goes wrong -----------------------------------------------------------------------------

@case
def usage():
    says(weir('train', status=2), 'one configuration')
    says(weir('train', 'net.yaml', '--stpes', '3', status=2), '--stpes', '--steps')
    says(weir('train', 'net.yaml', '--steps', 'many', status=2), '--steps', 'many')
    says(weir('train', 'net.yaml', '--set', 'train.lose=mse', status=2), 'lose', 'loss')
    for pair in ('=x', 'train.lr', ''):
        says(weir('train', 'net.yaml', '--set', pair, status=2), 'KEY=VALUE', f'"{pair}"')
    says(weir('train', 'net.yaml', '--name', 'a', '-o', 'b', status=2), 'one of them')
    for name in ('../../out', '/tmp/out', '.', 'a//b', ''):
        says(weir('train', 'net.yaml', '--name', name, status=2), name, '--output')
    says(weir('train', 'nothing.yaml', status=3), 'nothing.yaml')
    says(weir('train', 'net.yaml', '-o', 'runs/net-1', status=2), 'runs/net-1', '--resume')
    says(weir('train', 'net.yaml', '-o', 'text.txt/a', status=3), 'text.txt')
    says(weir('train', 'net.yaml', '--set', 'data.path=none.txt', status=3), 'none.txt')
    for command in ('train', 'flow', 'generate'):
        assert '--help' in weir(command, '--help').out
        says(weir(command, 'nothing', status=3), 'nothing')
    assert 'RUN' in weir('generate', status=2).err


@case
def checkpoints_that_will_not_do():
    says(weir('train', '--resume', 'nothing', status=3), 'nothing: cannot find the run')
    shutil.copytree('runs/net-1', 'torn')
    path = pathlib.Path('torn/checkpoint.safetensors')
    whole = path.read_bytes()
    for size in (0, 7, 300, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        says(weir('train', '--resume', 'torn', '-q', status=3), str(path))
    path.write_bytes(pathlib.Path('torn/model.safetensors').read_bytes())
    says(weir('train', '--resume', 'torn', status=3), str(path), 'not a checkpoint')
    path.unlink()
    says(weir('train', '--resume', 'torn', status=3), str(path))
    path.write_bytes(whole)
    says(weir('train', '--resume', 'torn', '--set', 'model.1.lstm.hidden_size=13', status=2),
         'hidden_size: 12', 'hidden_size: 13')
    says(weir('train', '--resume', 'torn', '--seed', '9', status=2), 'seed')
    says(weir('train', '--resume', 'torn', '--precision', 'float64', status=2), '--precision')
    says(weir('train', '--resume', 'torn', '--kernels', 'reference', status=2), '--kernels fast')
    pathlib.Path('torn/run.db').write_bytes(b'no database' * 100)
    says(weir('train', '--resume', 'torn', status=3), 'torn/run.db')
    says(weir('flow', 'torn', status=3), 'torn/run.db')
    assert path.read_bytes() == whole


@case
def one_process_at_a_time():
    first = subprocess.Popen([WEIR, 'train', 'net.yaml', '-o', 'busy', '--steps', '100000'],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    first.stderr.readline()
    says(weir('train', 'net.yaml', '-o', 'busy', status=3), 'another process')
    weir('flow', 'busy')
    first.send_signal(signal.SIGINT)
    first.stderr.read()
    assert first.wait() == 130


@case
def ctrl_c_ends_a_measurement_with_what_was_measured():
    flow = subprocess.Popen([WEIR, 'flow', 'net.yaml', '--steps', '1000000', '--set',
                             'train.steps=1000000', '--json'], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)
    flow.stderr.readline()
    flow.send_signal(signal.SIGINT)
    out, _ = flow.communicate(timeout=60)
    assert flow.returncode == 130, flow.returncode
    assert 0 < json.loads(out)['steps'] < 1000000


@case
def a_written_configuration_is_not_overwritten():
    pathlib.Path('net.weir.yaml').write_text('mine')
    says(weir('doctor', 'net.yaml', '--apply', '1', status=2),
         'net.weir.yaml is there already', '-o')
    assert pathlib.Path('net.weir.yaml').read_text() == 'mine'
    sound = pathlib.Path('net.yaml').read_text()
    says(weir('doctor', 'net.yaml', '--apply', '1', '-o', './net.yaml', status=2),
         './net.yaml is the configuration that is visited')
    assert pathlib.Path('net.yaml').read_text() == sound
    says(weir('doctor', 'net.yaml', '-o', 'other.yaml', status=2), '--apply 1')


@case
def what_was_written_is_what_comes_next():
    stack = ''.join('  - linear: {out_features: 8}\n  - sigmoid\n' for _ in range(12))
    pathlib.Path('deep.yaml').write_text(
        f'data: {{kind: blobs, n: 200}}\nmodel:\n{stack}  - linear: {{}}\n'
        'train: {loss: cross_entropy, optimizer: {sgd: {lr: 0.1}}, steps: 150}\n')
    before = weir('doctor', 'deep.yaml', '--no-trials', status=1).out
    assert 'let it try the remedies:\n    weir doctor deep.yaml\n' in before, before
    assert 'weir doctor deep.yaml --no-trials --json\n' in before, before
    told = weir('doctor', 'deep.yaml', '--no-trials', '--apply', '1', '-o', 'told.yaml', '--json',
                status=1)
    assert json.loads(told.out)['output'] == 'told.yaml' and os.path.exists('told.yaml')
    after = weir('doctor', 'deep.yaml', '--no-trials', '--apply', '1', status=1).out
    assert 'weir train deep.weir.yaml\n' in after, after
    os.mkdir('my dir')
    shutil.copy('deep.yaml', 'my dir')
    after = weir('doctor', 'my dir/deep.yaml', '--no-trials', '--apply', '1', '--precision',
                 'float64', status=1).out
    assert "weir train 'my dir/deep.weir.yaml' --precision float64\n" in after, after
    weir('train', 'deep.weir.yaml', '--steps', '1', '-o', 'deeper')
    says(weir('doctor', 'deeper', '--no-trials', status=1), 'deeper/config.yaml')


@case
def more_time_is_more_than_was_tried():
    pathlib.Path('slow.yaml').write_text(
        'data: {kind: adding, seq_len: 30, batch_size: 4}\n'
        'model:\n  - rnn: {hidden_size: 4, output: last}\n  - linear: {}\n'
        'train: {loss: mse, optimizer: {sgd: {lr: 1e-6}}, steps: 400}\n')
    early = weir('doctor', 'slow.yaml', '--steps', '20', '--set', 'doctor.max_steps=40').out
    assert 'weir doctor slow.yaml --set doctor.max_steps=40 --steps 160\n' in early, early
    done = weir('doctor', 'slow.yaml', '--steps', '200', status=1)
    assert 'weir doctor slow.yaml --set train.steps=1600 --steps 1600\n' in done.out, done.out
    again = weir('doctor', 'slow.yaml', '--set', 'train.epochs=1', '--set', 'train.steps=9',
                 status=1).out
    assert 'weir doctor slow.yaml --set train.epochs=0 --set train.steps=' in again, again
    report = json.loads(weir('doctor', 'slow.yaml', '--steps', '200', '--json', status=1).stdout)
    assert report['untreated_trials'] == {'steps': 400, 'trials': 3, 'learned': 0}, report
    finding, = report['findings']
    assert finding['severity'] == 'error' and finding['severity_before_trials'] == 'warning'
    assert 'all its 400 steps' in finding['since_trials'], finding


@case
def a_constant_target_holds_nothing_to_learn():
    pathlib.Path('one.txt').write_text('a' * 3000)
    stack = '  - linear: {out_features: 8}\n  - sigmoid\n' * 8
    pathlib.Path('same.csv').write_text('x,y\n' + ''.join(f'{i % 7},0.3\n' for i in range(200)))
    for loss in ('mse', 'bce_with_logits'):
        pathlib.Path(f'{loss}.yaml').write_text(
            'data: {kind: csv, path: same.csv, columns: [x], target: y}\n'
            f'model:\n{stack}  - linear: {{}}\ntrain: {{loss: {loss}, steps: 200}}\n')
    for command in (['net.yaml', '--set', 'data.path=one.txt'], ['mse.yaml'],
                    ['bce_with_logits.yaml']):
        out = ' '.join(weir('doctor', *command, '--no-trials', status=1).out.split())
        assert 'not-gradient' in out and 'nothing to learn' in out, out


@case
def measured_numbers_are_no_classes():
    rows = ''.join(f'{i},{i * 0.37:.2f}\n' for i in range(40))
    pathlib.Path('wave.csv').write_text('x,y\n' + rows)
    pathlib.Path('wave.yaml').write_text(
        'data: {kind: csv, path: wave.csv, columns: [x], target: y, batch_size: 4}\n'
        'model: [linear: {}]\ntrain: {loss: cross_entropy, steps: 3}\n')
    says(weir('train', 'wave.yaml', status=2), 'wave.csv:3:3', '0.37', 'classes: true')
    weir('train', 'wave.yaml', '--set', 'data.classes=true')
    weir('train', 'wave.yaml', '--set', 'train.loss=mse')


@case
def help_tells_every_option():
    everything = json.loads(weir('help', '--json').out)['entries']
    assert {'rnn', 'adding', 'adam', 'kaiming_normal'} <= {e['name'] for e in everything}
    lstm, = json.loads(weir('help', 'lstm', '--json').out)['entries']
    assert {'hidden_size', 'num_layers', 'bidirectional'} <= {o['name'] for o in lstm['options']}
    assert 'hidden_size  whole number, must be given' in weir('help', 'lstm').out
    says(weir('help', 'lsmt', status=2), 'did you mean "lstm"?')


@case
def both_number_types():
    says(weir('flow', 'net.yaml', '--precision', 'float16', status=2), 'float16')
    weir('train', 'net.yaml', '-o', 'wide', '--precision', 'float64')
    header = tensors('wide/model.safetensors')
    assert header['0.weight']['dtype'] == 'F64'
    says(weir('train', '--resume', 'wide', status=2), 'float64')
    weir('generate', 'wide', '--length', '10')  # a model is read in either


@case
def full_disk():
    page = resource.getpagesize()
    with small_disk(192 * page) as disk:
        filler = pathlib.Path(disk, 'filler')
        filler.write_bytes(bytes(191 * page))
        says(weir('train', 'net.yaml', '-o', 'disk/run', status=3, env={'LC_ALL': 'C'}), 'disk/run')
        assert os.listdir(disk) == ['filler'], os.listdir(disk)
        filler.unlink()
        weir('train', 'net.yaml', '-o', 'disk/run', '--steps', '15')
        kept = pathlib.Path('disk/run/checkpoint.safetensors').read_bytes()
        fill(disk, page)
        done = weir('train', '--resume', 'disk/run', '--steps', '40', '-q', status=3)
        assert 'disk/run/' in done.err, done.err
        no_traces('disk/run')
        assert pathlib.Path('disk/run/checkpoint.safetensors').read_bytes() == kept
        filler.unlink()
        weir('train', '--resume', 'disk/run', '--steps', '40')
        same('disk/run', 'runs/net-1')


@case
def small_files_only():
    """The same without a disk: no file may grow beyond a bound."""
    def bound():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
    says(weir('train', 'net.yaml', '-o', 'bound', '-q', status=3, preexec_fn=bound), 'bound/')
    assert not os.path.exists('bound')
    weir('train', 'net.yaml', '-o', 'bound', '--steps', '15')
    kept = pathlib.Path('bound/checkpoint.safetensors').read_bytes()

    def looser():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(kept) - 1, len(kept) - 1))
    done = weir('train', '--resume', 'bound', '--steps', '40', '-q', status=3, preexec_fn=looser)
    assert 'bound/' in done.err, done.err
    no_traces('bound')
    assert pathlib.Path('bound/checkpoint.safetensors').read_bytes() == kept
    weir('train', '--resume', 'bound', '--steps', '40')
    same('bound', 'runs/net-1')


@case
def full_stdout():
    for words in (['train', 'net.yaml', '-o', 'unheard'], ['flow', 'runs/net-1'],
                  ['flow', 'runs/net-1', '--json'], ['generate', 'runs/net-1']):
        with open('/dev/full', 'w') as full:
            done = subprocess.run([WEIR, *words], stdout=full, stderr=subprocess.PIPE)
        assert done.returncode == 3 and b'stdout' in done.stderr, (words, done)


# --- benchmarks ----------------------------------------------------------------------------------

@case
def a_step_against_the_clock():
    nets = weir('bench').out
    for net in ('lstm', 'gru', 'rnn', 'mlp', 'lenet', 'resnet20'):
        assert '\n' + net + ' ' in '\n' + nets, nets
    words = ['bench', 'lstm', '--seq', '4', '--batch', '2', '--input', '3', '--hidden', '5', '-t',
             '1', '--seconds', '0']
    assert 'GFLOP/s' in weir(*words).out
    listed = json.loads(weir('bench', '--json').stdout)['nets']
    assert listed[0]['name'] == 'lstm' and listed[0]['hidden'] == 256, listed
    says(weir('bench', '--hidden', '3', status=2), '--hidden')
    result = json.loads(weir(*words, '--json', '--telemetry', 'full', '--no-input-grad').stdout)
    shape = {'seq': 4, 'batch': 2, 'input': 3, 'hidden': 5, 'layers': 1, 'threads': 1,
             'kernels': 'fast', 'telemetry': 'full', 'input_grad': False, 'rounds': 5}
    assert shape.items() <= result.items(), result
    assert result['median_ms'] >= result['min_ms'] > 0 and result['peak_rss_mb'] > 0
    assert abs(result['gflop'] - 2 * 8 * 20 * (2 * 3 + 3 * 5) * 1e-9) < 1e-18
    exact = json.loads(weir(*words, '--json', '--precision', 'float64').stdout)
    assert exact['peak_gflops'] is None and exact['kernels'] == 'reference'
    says(weir('bench', 'lstn', status=2), 'lstn', 'resnet20')
    says(weir('bench', 'mlp', '--seq', '3', status=2), 'mlp', 'seq')
    says(weir('bench', 'mlp', '--telemetry', 'all', status=2), 'all')
    says(weir('bench', 'mlp', '--set', 'train.lr=1', status=2), '--set')


# --- text and flow -------------------------------------------------------------------------------

@case
def text_from_a_run():
    words = ['generate', 'runs/net-1', '--prompt', 'the ', '--length', '50']
    first = weir(*words)
    assert first.out.startswith('the ') and first.out.endswith('\n') and len(first.out) == 55
    assert weir(*words).out == first.out
    assert weir(*words, '--seed', '2').out != first.out
    likeliest = weir(*words, '--temperature', '0').out
    assert weir(*words, '--top-k', '1').out == likeliest
    result = json.loads(weir(*words, '--json').stdout)
    assert 'the ' + result['text'] + '\n' == first.out
    assert len(weir('generate', 'runs/net-1', '--length', '7').out) == 8
    os.rename('text.txt', 'hidden.txt')
    assert weir(*words).out == first.out
    os.rename('hidden.txt', 'text.txt')
    says(weir('generate', 'runs/net-1', '--prompt', 'the \u00e4 \u5830', status=2),
         '\u00e4', '\u5830')
    says(weir('generate', 'runs/net-1', '--temperature', 'hot', status=2), '--temperature')
    says(weir('generate', 'runs/net-1', '--set', 'train.lr=1', status=2), '--set')
    says(weir('generate', 'boom', status=3), 'boom/')


@case
def bytes_are_utf8():
    weir('train', 'bytes.yaml', '-o', 'bytes', '-q')
    for length in range(1, 40):
        done = weir('generate', 'bytes', '--length', str(length), '--temperature', '30',
                    '--seed', str(length))
        done.stdout.decode('utf-8')
    learned = weir('generate', 'bytes', '--length', '300', '--prompt', '\u5830').out
    assert learned.startswith('\u5830') and '\u5830' in learned[1:], learned


@case
def flow_of_a_configuration_and_of_a_run():
    shown = weir('flow', 'net.yaml', '--steps', '12')
    for word in ('lstm', 'forget', 'horizon', 'Clipping', 'quarters'):
        assert word in shown.out, word
    record = json.loads(weir('flow', 'net.yaml', '--steps', '12', '--json', '-q').stdout)
    text = json.dumps(record)
    for word in ('"loss"', '"share_hh"', '"joint"', '"gates"'):
        assert word in text, word
    stored = json.loads(weir('flow', 'runs/net-1', '--json').stdout)
    assert set(stored) == set(record)
    for flag, value in (('--steps', '5'), ('--set', 'train.lr=1'), ('--seed', '2')):
        says(weir('flow', 'runs/net-1', flag, value, status=2), 'runs/net-1', flag)
    assert not os.path.exists('runs/net-3')


@case
def chinese_where_it_is_wanted():
    # glibc ignores LANGUAGE in C and C.UTF-8: a locale of another name is needed
    if not os.path.isdir('/usr/lib/locale/C.utf8'):
        raise Skip('there is no /usr/lib/locale/C.utf8')
    shutil.copytree('/usr/lib/locale/C.utf8', 'locales/en_US.UTF-8')
    wanted = {**os.environ, 'LOCPATH': os.path.abspath('locales'), 'LC_ALL': 'en_US.UTF-8',
              'LANGUAGE': 'zh_CN'}
    says(weir('trian', status=2, env=wanted), '未知命令 "trian"；您是否指 "train"？')
    says(weir('flow', 'nix.yaml', status=3, env=wanted), 'nix.yaml: 无法打开：')
    shown = weir('flow', 'net.yaml', '--steps', '5', env=wanted).out.splitlines()
    head = shown.index(next(line for line in shown if '层   ' in line))
    assert '类型' in shown[head] and '参数' in shown[head]
    wide = sum(ord(letter) > 0x2e80 for letter in shown[head])
    assert len(shown[head]) + wide == len(shown[head + 1]), shown[head:head + 2]
    report = weir('doctor', 'boom.yaml', '--no-trials', '--json', status=1, env=wanted)
    assert json.loads(report.out)['findings'][0]['name'] == 'non-finite'


def prepare():
    text = 'the cat sat on the mat. it was a good mat, said the cat.\n' * 20
    pathlib.Path('text.txt').write_text(text)
    pathlib.Path('wide.txt').write_text('\u5830 holds \u00e4 wave \U0001f30a.\n' * 40)
    pathlib.Path('net.yaml').write_text(NET)
    pathlib.Path('bytes.yaml').write_text(
        NET.replace('text.txt', 'wide.txt, unit: byte').replace('steps: 40', 'steps: 300'))
    pathlib.Path('boom.yaml').write_text(
        'data: {kind: inline, x: [[1], [2]], y: [[1], [3]]}\nmodel: [linear: {}]\n'
        'train: {loss: mse, optimizer: {sgd: {lr: 1e10}}, steps: 60}\n')


if __name__ == '__main__':
    sys.exit(main(prepare))
