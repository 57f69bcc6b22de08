"""Learned strides inside engines that host metatomic models, such as those made for FlashMD.

Python takes ``import metatomic`` here, as everywhere, for metatomic itself.
"""

from longstride.engines.metatomic.export import Precision, export_model

__all__ = ["Precision", "export_model"]
