// Python's question for the processor. Compiled for any processor, and beside whichever kernels are
// installed. With LONGSTRIDE_PROBE a program that prints the answer, for CMake.
#include "processor.hpp"

#ifdef LONGSTRIDE_PROBE

#include <cstdio>

int main() { return std::puts(longstride::widest_instructions()) < 0; }

#else

#include <Python.h>

namespace {

PyObject* widest(PyObject*, PyObject*) {
    return PyUnicode_FromString(longstride::widest_instructions());
}

PyMethodDef methods[] = {
    {"widest", widest, METH_NOARGS,
     "The widest instruction set of this processor that kernels are compiled for."},
    {nullptr, nullptr, 0, nullptr}};

PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_processor", "What the processor can run.", -1,
                          methods, nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit__processor() { return PyModule_Create(&definition); }

#endif
