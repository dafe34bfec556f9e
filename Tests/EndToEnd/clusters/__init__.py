"""Clusters that stand in for real ones, over TLS, as their sources and documents have them."""

from .eks import TokenCheck
from .kubernetes import Cluster, KubernetesServer, real_cluster
from .openshift import OpenShift

__all__ = ["Cluster", "KubernetesServer", "OpenShift", "TokenCheck", "real_cluster"]
