"""Experiments: the solvers of one machine held against each other (Woodruff & Yasuda, section 4).

A new kind is one file, one line in `EXPERIMENTS`, and what `wlra_dist.report` tells and draws of it.
"""

from wlra_dist.studies.experiments.experiment import EXPERIMENTS as EXPERIMENTS
from wlra_dist.studies.experiments.experiment import Experiment as Experiment
from wlra_dist.studies.experiments.experiment import Result as Result
from wlra_dist.studies.experiments.experiment import load_experiment as load_experiment
