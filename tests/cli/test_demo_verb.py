"""`monitor demo` on the labels of a config."""

import pytest


@pytest.mark.slow
def test_the_demo_takes_its_labels_and_lines_from_a_config(call, desk, tmp_path):
    desk.write(labels='[labels.policy]\ntitle = "Laws \u2696 \\"old\\" & new"\nthreshold = 0.9\n', subscriptions="")
    done = call("demo", "--dir", tmp_path / "demo", "--config", desk.config)
    assert done.code == 0
    assert 'LAWS \u2696 "OLD" & NEW' in done.out
    assert "policy 0.90" in done.out
    assert "returns" not in (tmp_path / "demo" / "config" / "subscriptions.toml").read_text(encoding="utf-8")
    assert (tmp_path / "demo" / "digest.html").is_file()
