"""Gradients through time of every cell, each method in a module of its own.
NumPy alone."""

from lib.gradients.differences import central_differences
from lib.gradients.jacobians import norms_over_lag, state_jacobians
from lib.gradients.losses import squared_error
from lib.gradients.pullbacks import pullback
from lib.gradients.real_time import rtrl, rtrl_steps, step_jacobians
from lib.gradients.through_time import bptt, truncated_bptt

__all__ = [
    "bptt",
    "central_differences",
    "norms_over_lag",
    "pullback",
    "rtrl",
    "rtrl_steps",
    "squared_error",
    "state_jacobians",
    "step_jacobians",
    "truncated_bptt",
]
